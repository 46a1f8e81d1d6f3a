import type { EstimateRecord, QueueFrame, Today } from '@queuecast/live';
import { useEffect, useRef } from 'preact/hooks';
import { pickText } from '../../language/words.js';
import { useWallboard } from '../context.js';
import { seconds, stopwatch, wallTime } from '../figures.js';
import { estimatePhrase, needPhrases, staffingFrom, staffingPhrase, trustPhrase } from '../sentences.js';
import { knownUntil, trustOf } from '../trust.js';
import type { WallboardKey } from '../words.js';
import { AgentBar } from './AgentBar.js';
import { DayChart } from './DayChart.js';
import { Outlook } from './Outlook.js';
import { Scorecard } from './Scorecard.js';
import { Promises } from './Promises.js';
import { SeverityMark } from './SeverityMark.js';
import { Suspects } from './Suspects.js';
import { WindowsTable } from './WindowsTable.js';

/** The ledger of a day in the order in which it adds up: offered first, then everything that became of it. */
const LEDGER: readonly [figure: keyof Today, label: WallboardKey][] = [
  ['offered', 'offered'],
  ['answered', 'answered'],
  ['abandoned', 'abandoned'],
  ['shortAbandoned', 'shortAbandoned'],
  ['flowedOut', 'flowedOut'],
  ['callbackTaken', 'callbackTaken'],
  ['dropped', 'dropped'],
  ['closedOut', 'closedOut'],
  ['stillWaiting', 'stillWaiting'],
];

const Ledger = ({ today }: { readonly today: Today }) => {
  const { say } = useWallboard().words;
  const duration = (milliseconds: number | null): string => (milliseconds === null ? '–' : stopwatch(milliseconds));
  return (
    <dl class="ledger">
      {LEDGER.map(([figure, label]) => (
        <div key={figure}>
          <dt>{say(label)}</dt>
          <dd>{String(today[figure])}</dd>
        </div>
      ))}
      <div>
        <dt>{say('asa')}</dt>
        <dd>{duration(today.asaMs)}</dd>
      </div>
      <div>
        <dt>{say('aht')}</dt>
        <dd>{duration(today.ahtMs)}</dd>
      </div>
    </dl>
  );
};

/** What late events have changed of the day, and whether history agrees with what was shown. */
const History = ({ history }: Pick<QueueFrame, 'history'>) => {
  const { say, locale } = useWallboard().words;
  if (!history) return null;
  const { differences, since, checkedAt, correctedToday } = history;
  const agrees = say('historyAgreesAt', { time: wallTime(checkedAt, locale) });
  return (
    <p class="details-history" data-differs={differences > 0 ? '' : undefined}>
      {differences === 0 ? agrees : say('historyDiffers', { count: differences, time: wallTime(since ?? 0, locale) })}
      {correctedToday > 0 && <span> {say('correctedToday', { count: correctedToday })}</span>}
    </p>
  );
};

/** How often today's estimates came true, in a sentence. */
const Record = ({ record }: { readonly record: EstimateRecord | null }) => {
  const { say, locale } = useWallboard().words;
  if (!record || record.of === 0) return null;
  const { right, of, maeMs } = record;
  return <p class="details-record">{say('recordHint', { right, of, error: seconds(maeMs ?? 0, locale) })}</p>;
};

const WaitingTable = ({ queue }: { readonly queue: string }) => {
  const { board, words } = useWallboard();
  const { say, locale } = words;
  const frame = board.frame(queue).value;
  const now = frame ? knownUntil(frame, board.link.value, board.now.value) : 0;
  const thresholdMs = board.infos.value.get(queue)?.thresholdMs ?? Number.POSITIVE_INFINITY;
  if (!frame || frame.oldest.length === 0) return null;
  return (
    <section>
      <h3>{say('oldest')}</h3>
      <table class="waiting-table">
        <thead>
          <tr>
            <th scope="col">{say('position')}</th>
            <th scope="col">{say('contact')}</th>
            <th scope="col">{say('since')}</th>
            <th scope="col">{say('waited')}</th>
            <th scope="col">{say('remaining')}</th>
          </tr>
        </thead>
        <tbody>
          {frame.oldest.map(({ leg, contact, queuedAt, priority, position, remaining }) => (
            <tr key={leg} data-overdue={now - queuedAt > thresholdMs ? '' : undefined}>
              <td>{position ?? '–'}</td>
              <td>
                {contact}
                {priority !== 0 && <span class="priority">{say('priority', { value: priority })}</span>}
              </td>
              <td>{wallTime(queuedAt, locale)}</td>
              <td class="waited">{stopwatch(now - queuedAt)}</td>
              <td>{remaining ? `${stopwatch(remaining.lowMs)} – ${stopwatch(remaining.highMs)}` : '–'}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
};

/** Everything about one queue, over the board. */
export const Details = ({ queue }: { readonly queue: string }) => {
  const { board, replay, words, show } = useWallboard();
  const { say, language } = words;
  // Charts and reports tell what is known now: beside a past instant they would give away what came after it.
  const isLive = replay.board.value === null;
  const dialog = useRef<HTMLDialogElement>(null);
  const info = board.infos.value.get(queue);
  const frame = board.frame(queue).value;
  const now = board.now.value;
  useEffect(() => {
    dialog.current?.showModal();
  }, []);
  if (!info) return null;
  const name = pickText(info.name, language, queue);
  const need = board.needs.value.get(queue);
  return (
    <dialog
      ref={dialog}
      class="details"
      aria-label={say('details', { name })}
      onClose={() => show(null)}
      onClick={({ target }) => target === dialog.current && dialog.current?.close()}
    >
      <div class="details-inner">
        <header class="details-head">
          <div>
            <h2>{name}</h2>
            <p>{trustPhrase(trustOf(frame, board.link.value), frame, now, words)}</p>
          </div>
          <button type="button" class="control" onClick={() => dialog.current?.close()}>
            {say('close')}
          </button>
        </header>
        {need && need.reasons.length > 0 && (
          <ul class="reasons" data-level={need.level}>
            {needPhrases(need, info, words, frame).map((phrase) => (
              <li key={phrase}>{phrase}</li>
            ))}
          </ul>
        )}
        {frame?.notices
          .filter(({ until }) => until === null || until > now)
          .map(({ id, text, severity }) => (
            <p key={id} class="notice" data-severity={severity}>
              <SeverityMark severity={severity} /> {pickText(text, language)}
            </p>
          ))}
        {isLive && (
          <section>
            <h3>{say('today')}</h3>
            <DayChart queue={queue} from={frame?.today?.from ?? null} />
          </section>
        )}
        {frame?.today && (
          <section>
            <h3>{say('todayTable')}</h3>
            <Ledger today={frame.today} />
            <History history={frame.history} />
          </section>
        )}
        {frame?.callbacks && frame.today && <Promises queue={queue} counts={frame.callbacks} from={frame.today.from} />}
        {frame?.today && (
          <section>
            <h3>{say('scorecard')}</h3>
            <Record record={frame.estimateRecord} />
            {isLive && <Scorecard queue={queue} from={frame.today.from} />}
          </section>
        )}
        {isLive && (
          <section>
            <h3>{say('windows')}</h3>
            <WindowsTable queue={queue} />
          </section>
        )}
        {isLive && (
          <section>
            <h3>{say('outlook')}</h3>
            <Outlook queue={queue} />
          </section>
        )}
        {frame && (
          <section>
            <h3>{say('agents')}</h3>
            <AgentBar agents={frame.agents} />
            <p class="details-estimate">
              {say('newCaller')}: <strong>{estimatePhrase(frame.estimate, words)}</strong>
            </p>
            {frame.staffing && (
              <p class="staffing">
                {staffingPhrase(frame.staffing, info, words)}
                <small>{staffingFrom(frame.staffing, words)}</small>
              </p>
            )}
          </section>
        )}
        <WaitingTable queue={queue} />
        <Suspects queue={queue} />
      </div>
    </dialog>
  );
};
