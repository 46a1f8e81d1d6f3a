import type { CallbackCounts, ReplayedFrame, QueueInfo } from '@queuecast/live';
import { shortAge } from '../../language/age.js';
import { pickText } from '../../language/words.js';
import { useWallboard } from '../context.js';
import { percent, stopwatch } from '../figures.js';
import { longestWait, type Level, type NeedReason } from '../need.js';
import { estimatePhrase, levelWord, needPhrases, staffingPhrase, trustPhrase } from '../sentences.js';
import { isStale, knownUntil, trustOf } from '../trust.js';
import { AgentBar } from './AgentBar.js';
import { Glyph } from './Glyph.js';
import { LevelBar } from './LevelBar.js';

interface FiguresProps {
  readonly frame: ReplayedFrame;
  readonly info: QueueInfo;
  readonly now: number;
}

const Now = ({ frame, info, now }: FiguresProps) => {
  const { say } = useWallboard().words;
  const longest = longestWait(frame, now);
  const overdue = longest > info.thresholdMs;
  return (
    <dl class="now">
      <div class="now-waiting">
        <dt>{say('waiting')}</dt>
        <dd>{frame.waiting}</dd>
      </div>
      <div class="now-longest" data-overdue={overdue ? '' : undefined}>
        <dt>{say('longest')}</dt>
        <dd>{frame.oldest.length > 0 ? stopwatch(longest) : '–'}</dd>
      </div>
    </dl>
  );
};

/** Says quietly that figures of today are not what they were when they were shown first. */
const Corrected = ({ count }: { readonly count: number }) => {
  const { say } = useWallboard().words;
  if (count === 0) return null;
  return (
    <span class="corrected" title={say('correctedToday', { count })}>
      <svg viewBox="0 0 12 12" aria-hidden="true">
        <path d="M2 10l.6-2.6L8.4 1.6a1 1 0 0 1 1.4 0l.6.6a1 1 0 0 1 0 1.4L4.6 9.4 2 10z" />
      </svg>
      <span class="visually-hidden">{say('correctedToday', { count })}</span>
    </span>
  );
};

/** Of fewer a share says little. */
const FEWEST_SCORED = 20;

/** How often the estimate has been right today, beside it: what it is worth. */
const Record = ({ frame: { estimate, estimateRecord: record } }: Pick<FiguresProps, 'frame'>) => {
  const { say, locale } = useWallboard().words;
  if (estimate?.kind !== 'band' || !record || record.of < FEWEST_SCORED) return null;
  const { right, of } = record;
  return (
    <span class="record" title={say('record', { right, of })}>
      <span aria-hidden="true">✓ {percent(right / of, locale)}</span>
      <span class="visually-hidden"> {say('record', { right, of })}</span>
    </span>
  );
};

const Today = ({ frame, info }: Omit<FiguresProps, 'now'>) => {
  const { words } = useWallboard();
  const { say, locale } = words;
  const { today } = frame;
  const level = today?.serviceLevel ?? null;
  const time = stopwatch(info.thresholdMs);
  return (
    <div class="today">
      <div class="level" data-met={level === null ? undefined : level >= info.target}>
        <span class="level-label">
          {say('serviceLevel')}
          <Corrected count={frame.history?.correctedToday ?? 0} />
        </span>
        <span class="level-figure">{level === null ? '–' : percent(level, locale)}</span>
        <LevelBar level={level} target={info.target} />
        <span class="level-target-label">{say('targetWithin', { target: percent(info.target, locale), time })}</span>
      </div>
      <dl class="counts">
        <div>
          <dt>{say('newCaller')}</dt>
          <dd class={frame.estimate?.kind ?? 'abstention'}>
            {estimatePhrase(frame.estimate, words)}
            <Record frame={frame} />
          </dd>
        </div>
        <div>
          <dt>{say('answered')}</dt>
          <dd>{today?.answered ?? '–'}</dd>
        </div>
        <div>
          <dt>{say('abandoned')}</dt>
          <dd>{today?.abandoned ?? '–'}</dd>
        </div>
      </dl>
    </div>
  );
};

const Oldest = ({ frame, info, now }: FiguresProps) => {
  const { say } = useWallboard().words;
  return (
    <div class="oldest">
      <span class="oldest-label">{say('oldest')}</span>
      <ol>
        {frame.oldest.length === 0 && <li data-none="">–</li>}
        {frame.oldest.map(({ leg, queuedAt, priority }) => {
          const overdue = now - queuedAt > info.thresholdMs;
          return (
            <li key={leg} data-overdue={overdue ? '' : undefined}>
              {stopwatch(now - queuedAt)}
              {overdue && (
                <span class="visually-hidden"> {say('overThreshold', { time: stopwatch(info.thresholdMs) })}</span>
              )}
              {priority !== 0 && (
                <span class="priority" title={say('priority', { value: priority })}>
                  P{priority}
                </span>
              )}
            </li>
          );
        })}
      </ol>
    </div>
  );
};

/** Calls that were promised and are due, unless the tile's head tells of them. */
const PromisedCalls = ({
  counts,
  told,
}: {
  readonly counts: CallbackCounts;
  readonly told: NeedReason | undefined;
}) => {
  const { say } = useWallboard().words;
  const { overdue, dueSoon } = counts;
  return (
    <>
      {overdue > 0 && told !== 'callbacksOverdue' && (
        <span class="badge badge-act">{say('callbacksOverdue', { count: overdue })}</span>
      )}
      {dueSoon > 0 && told !== 'callbacksDueSoon' && (
        <span class="badge">{say('callbacksDueSoon', { count: dueSoon })}</span>
      )}
    </>
  );
};

/** One queue: what happens now, today so far, who is there, and how fresh all that is. */
export const Tile = ({ queue }: { readonly queue: string }) => {
  const { board, words, show } = useWallboard();
  const { say, language, locale } = words;
  const info = board.infos.value.get(queue);
  const frame = board.frame(queue).value;
  const now = board.now.value;
  if (!info) return null;
  const trust = trustOf(frame, board.link.value);
  const stale = isStale(trust);
  const readAt = frame ? knownUntil(frame, board.link.value, now) : now;
  const need = board.needs.value.get(queue);
  const level: Level = frame ? (need?.level ?? 'fine') : 'blind';
  const [reason] = need ? needPhrases(need, info, words, frame) : [];
  const { staffing = null } = frame ?? {};
  const short = staffing && staffing.more > 0 && reason ? staffing.more : 0;
  return (
    <article class="tile" data-queue={queue} data-level={level} data-stale={stale ? '' : undefined}>
      <header class="tile-head">
        <h2>
          <button
            type="button"
            class="tile-name"
            title={pickText(info.name, language, queue)}
            aria-haspopup="dialog"
            onClick={() => show(queue)}
          >
            {pickText(info.name, language, queue)}
          </button>
        </h2>
        <span class="tile-level">
          <Glyph level={level} />
          {levelWord(level, words)}
        </span>
      </header>
      <p class="tile-reason" title={staffing && short > 0 ? staffingPhrase(staffing, info, words) : undefined}>
        {reason}
        {short > 0 && <span class="tile-staffing"> · {say('staffingShort', { count: short })}</span>}
      </p>
      {frame && (
        <div class="tile-figures">
          <Now frame={frame} info={info} now={readAt} />
          <Today frame={frame} info={info} />
          <AgentBar agents={frame.agents} />
          <Oldest frame={frame} info={info} now={readAt} />
        </div>
      )}
      <footer class="tile-foot">
        <span class="freshness" data-kind={trust.kind}>
          {trustPhrase(trust, frame, now, words)}
        </span>
        {frame !== null && frame.afterClosing > 0 && (
          <span class="badge badge-act">{say('afterClosing', { count: frame.afterClosing })}</span>
        )}
        {frame?.callbacks && <PromisedCalls counts={frame.callbacks} told={need?.reasons[0]} />}
        {frame !== null && frame.notices.length > 0 && (
          <span class="suspected">{say('notices', { count: frame.notices.length })}</span>
        )}
        {frame !== null && frame.suspected > 0 && (
          <span class="suspected">{say('suspected', { count: frame.suspected })}</span>
        )}
        {frame?.storeBehindSince != null && (
          <span class="badge">{say('storeBehind', { age: shortAge(now - frame.storeBehindSince, locale) })}</span>
        )}
      </footer>
    </article>
  );
};
