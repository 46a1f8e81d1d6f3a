import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { colour, themedAxis } from '../chart-theme.js';
import { useWallboard } from '../context.js';
import { theme } from '../display.js';
import { wallTime, weekdayTime } from '../figures.js';
import { useLoaded } from '../loaded.js';
import { loadOutlook, minutesOf, outlookColumns, type OutlookHour } from '../outlook.js';
import type { WallboardWords } from '../words.js';

const HEIGHT_PX = 200;

const optionsFor = (width: number, { say, locale }: WallboardWords, timeZone: string): uPlot.Options => {
  const axis = themedAxis();
  const minutes = (name: string, stroke: string, width: number): uPlot.Series => ({
    label: name,
    stroke,
    width,
    points: { show: false },
    value: (_, amount) => (amount === null ? '–' : say('minutesAbout', { count: Math.round(amount) })),
  });
  return {
    width,
    height: HEIGHT_PX,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), timeZone),
    scales: { y: { range: (_, __, most) => [0, Math.max(2, most * 1.1)] } },
    axes: [
      { ...axis, space: 72, values: (_, ticks) => ticks.map((tick) => weekdayTime(tick * 1000, locale, timeZone)) },
      { ...axis, values: (_, ticks) => ticks.map((tick) => (Number.isInteger(tick) ? String(tick) : '')) },
    ],
    series: [
      { label: say('since'), value: (_, at) => (at === null ? '–' : weekdayTime(at * 1000, locale, timeZone)) },
      minutes(say('outlookLow'), colour('chart-offered', 0.6), 1),
      minutes(say('outlookLikely'), colour('chart-offered'), 2),
      minutes(say('outlookHigh'), colour('chart-offered', 0.6), 1),
    ],
    bands: [{ series: [3, 1], fill: colour('chart-offered', 0.18) }],
  };
};

const Chart = ({ hours, timeZone }: { readonly hours: readonly OutlookHour[]; readonly timeZone: string }) => {
  const { words } = useWallboard();
  const place = useRef<HTMLDivElement>(null);
  const shade = theme();
  useEffect(() => {
    const target = place.current;
    if (!target) return undefined;
    const chart = new uPlot(optionsFor(target.clientWidth, words, timeZone), outlookColumns(hours), target);
    const observer = new ResizeObserver(() => chart.setSize({ width: target.clientWidth, height: HEIGHT_PX }));
    observer.observe(target);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, [hours, shade, words]);
  // What it shows is in the table below.
  return <div class="chart outlook-chart" ref={place} aria-hidden="true" />;
};

const Table = ({ hours, timeZone }: { readonly hours: readonly OutlookHour[]; readonly timeZone: string }) => {
  const { words } = useWallboard();
  const { say, locale } = words;
  const wait = ({ lowMs, highMs, reason }: OutlookHour): string => {
    if (lowMs === null || highMs === null) return say(`none${reason ?? 'TOO_FEW_DATA'}`);
    const { low, high } = minutesOf(lowMs, highMs);
    return low === 0 ? say('minutesUnder', { count: high }) : say('minutes', { low, high });
  };
  return (
    <details class="outlook-table">
      <summary>{say('asTable')}</summary>
      <table class="waiting-table">
        <thead>
          <tr>
            <th scope="col">{say('outlookHour')}</th>
            <th scope="col">{say('outlookWait')}</th>
            <th scope="col">{say('outlookLikely')}</th>
          </tr>
        </thead>
        <tbody>
          {hours
            .filter(({ reason }) => reason !== 'CLOSED')
            .map((hour) => (
              <tr key={hour.from}>
                <th scope="row">
                  {weekdayTime(hour.from, locale, timeZone)}–{wallTime(hour.to, locale, timeZone).slice(0, 5)}
                </th>
                <td>{wait(hour)}</td>
                <td>{hour.p50Ms === null ? '–' : say('minutesAbout', { count: Math.round(hour.p50Ms / 60_000) })}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </details>
  );
};

/** The wait to expect by hour for the coming week, from history: a band in a chart, and the same as a table. */
export const Outlook = ({ queue }: { readonly queue: string }) => {
  const { board, words } = useWallboard();
  const timeZone = board.infos.value.get(queue)?.timeZone ?? 'UTC';
  const loaded = useLoaded(() => loadOutlook(queue), [queue]);
  if (!loaded) return <p class="windows-message">{words.say('windowsLoading')}</p>;
  if ('problem' in loaded) return <p class="windows-message">{words.say('chartFailed', { reason: loaded.problem })}</p>;
  const hours = loaded.result;
  if (hours.every(({ highMs }) => highMs === null)) return <p class="windows-message">{words.say('outlookEmpty')}</p>;
  return (
    <>
      <Chart hours={hours} timeZone={timeZone} />
      <Table hours={hours} timeZone={timeZone} />
    </>
  );
};
