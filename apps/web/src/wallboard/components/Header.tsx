import { pickText } from '../../language/words.js';
import { useWallboard } from '../context.js';
import { enterTv, leaveTv, theme, toggleTheme, tv } from '../display.js';
import { stopwatch, wallTime } from '../figures.js';
import { WALLBOARD_LANGUAGES } from '../words.js';

const Summary = () => {
  const { board, words } = useWallboard();
  const { say, language } = words;
  const { waiting, open, underTarget, longest } = board.summary.value;
  const { lostSince, processorSilentSince } = board.link.value;
  const info = longest ? board.infos.value.get(longest.queue) : undefined;
  const overdue = longest !== null && info !== undefined && longest.milliseconds > info.thresholdMs;
  return (
    <dl class="summary" data-stale={lostSince !== null || processorSilentSince !== null ? '' : undefined}>
      <div>
        <dt>{say('waiting')}</dt>
        <dd>{waiting}</dd>
      </div>
      <div data-alarm={overdue ? '' : undefined}>
        <dt>{say('longest')}</dt>
        <dd>
          {longest ? stopwatch(longest.milliseconds) : '–'}
          {info && <span class="summary-detail">{pickText(info.name, language, info.queue)}</span>}
        </dd>
      </div>
      <div data-alarm={underTarget > 0 ? '' : undefined}>
        <dt>{say('underTarget')}</dt>
        <dd>
          {underTarget}
          <span class="summary-detail">{say('ofQueues', { count: open })}</span>
        </dd>
      </div>
    </dl>
  );
};

const chooseLanguage = (language: string): void => {
  const query = new URLSearchParams(location.search);
  query.set('lang', language);
  location.search = query.toString();
};

/** Opens the notices to customers. */
interface HeaderProps {
  readonly openNotices: () => void;
}

const Controls = ({ openNotices }: HeaderProps) => {
  const { words, replay } = useWallboard();
  const { say, language } = words;
  return (
    <div class="controls">
      <select
        class="control"
        aria-label={say('language')}
        value={language}
        onChange={({ currentTarget }) => chooseLanguage(currentTarget.value)}
      >
        {Object.entries(WALLBOARD_LANGUAGES).map(([tag, { name }]) => (
          <option key={tag} value={tag} lang={tag}>
            {name}
          </option>
        ))}
      </select>
      {replay.board.value === null && (
        <>
          <button type="button" class="control" aria-haspopup="dialog" onClick={openNotices}>
            {say('noticesOpen')}
          </button>
          <button type="button" class="control" onClick={() => replay.open()}>
            {say('replay')}
          </button>
        </>
      )}
      <button type="button" class="control" onClick={toggleTheme}>
        {say(theme() === 'dark' ? 'themeLight' : 'themeDark')}
      </button>
      <button type="button" class="control control-main" onClick={tv.value ? leaveTv : enterTv}>
        {say(tv.value ? 'tvLeave' : 'tv')}
      </button>
    </div>
  );
};

const Connection = () => {
  const { board, words } = useWallboard();
  const { lostSince, processorSilentSince } = board.link.value;
  const down = lostSince !== null || processorSilentSince !== null;
  const { say } = words;
  const since = lostSince ?? processorSilentSince ?? 0;
  const label = down
    ? say(lostSince !== null ? 'connectionLost' : 'processorSilent', { time: wallTime(since, words.locale) })
    : say('live');
  return (
    <span class="connection" data-down={down ? '' : undefined}>
      {label}
    </span>
  );
};

/** Whether the figures that were shown are the figures of the reports. */
const Agreement = () => {
  const { board, words } = useWallboard();
  const agreement = board.agreement.value;
  if (!agreement) return null;
  const { differences, since } = agreement;
  return (
    <span class="agreement" data-differs={differences > 0 ? '' : undefined}>
      {differences === 0
        ? words.say('historyAgrees')
        : words.say('historyDiffers', { count: differences, time: wallTime(since ?? 0, words.locale) })}
    </span>
  );
};

/** What the whole floor must see: the totals, the time, and whether the figures are live. */
export const Header = ({ openNotices }: HeaderProps) => {
  const { board, words, replay } = useWallboard();
  return (
    <header class="top">
      <div class="identity">
        <img src="/favicon.svg" alt="" width="32" height="32" />
        <div>
          <h1>{board.tenantName.value || words.say('title')}</h1>
          {replay.board.value === null && (
            <p class="state">
              <Connection />
              <Agreement />
            </p>
          )}
        </div>
      </div>
      <Summary />
      <time class="clock">{wallTime(board.now.value, words.locale)}</time>
      <Controls openNotices={openNotices} />
    </header>
  );
};
