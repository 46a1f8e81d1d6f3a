import type { WindowName } from '@queuecast/contact-center';
import { useWallboard } from '../context.js';
import { percent, stopwatch } from '../figures.js';
import { useLoaded } from '../loaded.js';
import { loadWindows, spanText, type QueueWindow } from '../windows.js';
import type { WallboardKey } from '../words.js';

const NAMES: Readonly<Record<WindowName, WallboardKey>> = {
  last_15_minutes: 'window15',
  last_30_minutes: 'window30',
  last_60_minutes: 'window60',
  today: 'windowToday',
  yesterday: 'windowYesterday',
  week_to_date: 'windowWeek',
  same_time_last_week: 'windowLastWeek',
};
const COLUMNS: readonly [name: WallboardKey, short?: WallboardKey][] = [
  ['offered'],
  ['answered'],
  ['abandoned'],
  ['serviceLevel'],
  ['asa', 'asaShort'],
  ['aht', 'ahtShort'],
];

const Row = ({ window, target }: { readonly window: QueueWindow; readonly target: number }) => {
  const { say, locale } = useWallboard().words;
  const { offered, answered, abandoned, service_level: level, asa, aht } = window.values;
  const count = (value: number | null): string => new Intl.NumberFormat(locale).format(value ?? 0);
  const duration = (milliseconds: number | null): string => (milliseconds === null ? '–' : stopwatch(milliseconds));
  return (
    <tr data-window={window.window}>
      <th scope="row">
        {say(NAMES[window.window])} <span class="window-span">{spanText(window, locale)}</span>
      </th>
      <td>{count(offered)}</td>
      <td>{count(answered)}</td>
      <td>{count(abandoned)}</td>
      <td data-below={level !== null && level < target ? '' : undefined}>
        {level === null ? '–' : percent(level, locale)}
      </td>
      <td>{duration(asa)}</td>
      <td>{duration(aht)}</td>
    </tr>
  );
};

/** One queue over the windows that a supervisor compares, from the same definitions as its tile. */
export const WindowsTable = ({ queue }: { readonly queue: string }) => {
  const { board, words } = useWallboard();
  const { say, locale } = words;
  const target = board.infos.value.get(queue)?.target ?? 0;
  const loaded = useLoaded(() => loadWindows(queue), [queue]);
  if (!loaded) return <p class="windows-message">{say('windowsLoading')}</p>;
  if ('problem' in loaded) return <p class="windows-message">{say('chartFailed', { reason: loaded.problem })}</p>;
  const { windows, changes } = loaded.result;
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: windows[0]?.timeZone });
  return (
    <>
      <div class="windows-scroll" role="region" aria-label={say('windows')} tabIndex={0}>
        <table class="windows-table">
          <thead>
            <tr>
              <td />
              {COLUMNS.map(([name, short]) => (
                <th key={name} scope="col">
                  {short ? <abbr title={say(name)}>{say(short)}</abbr> : say(name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {windows.map((window) => (
              <Row key={window.window} window={window} target={target} />
            ))}
          </tbody>
        </table>
      </div>
      {changes.map(({ metric, at }) => (
        <p key={metric} class="windows-message">
          {say('windowsChanged', { metric, date: date.format(at) })}
        </p>
      ))}
    </>
  );
};
