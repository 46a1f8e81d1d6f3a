import type { CallbackCounts } from '@queuecast/live';
import { useWallboard } from '../context.js';
import { dayTime } from '../figures.js';
import { useLoaded } from '../loaded.js';
import { FATES, loadPromises, type PromiseLedger } from '../promises.js';

const Figure = ({
  label,
  value,
  level,
}: {
  label: string;
  value: number | string;
  level?: 'act' | 'watch' | false;
}) => (
  <div data-level={level || undefined}>
    <dt>{label}</dt>
    <dd>{value}</dd>
  </div>
);

const Ledger = ({ ledger }: { readonly ledger: PromiseLedger }) => {
  const { say } = useWallboard().words;
  return (
    <dl class="ledger">
      <Figure label={say('promisesToday')} value={ledger.promised} />
      {FATES.map((fate) => (
        <Figure key={fate} label={say(fate)} value={ledger.fates[fate]} />
      ))}
    </dl>
  );
};

/** The calls that a queue has promised: those open now, and what became of today's. Nothing where nothing is promised. */
export const Promises = (props: { readonly queue: string; readonly counts: CallbackCounts; readonly from: number }) => {
  const { queue, counts, from } = props;
  const { board, words } = useWallboard();
  const { say, locale } = words;
  const loaded = useLoaded(() => loadPromises(queue, from, board.now.peek()), [queue, from, counts.open]);
  const ledger = loaded && 'result' in loaded ? loaded.result : null;
  if (counts.open === 0 && (ledger?.promised ?? 0) === 0) return null;
  return (
    <section class="promises">
      <h3>{say('promises')}</h3>
      <dl class="ledger">
        <Figure label={say('promisesOpen')} value={counts.open} />
        <Figure label={say('promisesDueSoon')} value={counts.dueSoon} level={counts.dueSoon > 0 && 'watch'} />
        <Figure label={say('promisesOverdue')} value={counts.overdue} level={counts.overdue > 0 && 'act'} />
        <Figure
          label={say('promisesNextDue')}
          value={counts.nextDueAt === null ? '–' : dayTime(counts.nextDueAt, locale)}
        />
      </dl>
      {ledger && <Ledger ledger={ledger} />}
      {loaded && 'problem' in loaded && <p class="windows-message">{say('chartFailed', { reason: loaded.problem })}</p>}
    </section>
  );
};
