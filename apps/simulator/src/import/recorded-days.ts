import { Agenda } from '../centre/agenda.js';
import { midnightOf, type ZoneClock } from '../local-time.js';
import { eventsOfCall, type ImportedSite, type RecordedEvent } from './call-events.js';
import type { Call, Oddity, ReadRow } from './calls.js';
import { inferAgentStates } from './infer-agents.js';

/** Which calls of a recording are wanted. */
export interface Selection {
  /** Local dates of the call's arrival as yyyy-MM-dd, both included; null for no bound. */
  readonly from: string | null;
  readonly to: string | null;
  /** Queue ids; null for all. */
  readonly queues: ReadonlySet<string> | null;
}

export interface RecordedDaysOptions {
  readonly site: ImportedSite;
  readonly zone: ZoneClock;
  readonly selection: Selection;
  readonly exactDuplicates: 'once' | 'each';
  readonly inferAgents: boolean;
}

/** What became of the rows; every row of the file is in exactly one of the first four. */
export interface RowCounts {
  imported: number;
  notSelected: number;
  bad: number;
  /** Rows equal to an earlier one, taken as the same call. */
  duplicates: number;
  /** Imported although odd. */
  oddities: Record<Oddity, number>;
  /** Rows of a date before the one in hand: imported, though their events come late. */
  outOfOrder: number;
}

export const noRows = (): RowCounts => ({
  imported: 0,
  notSelected: 0,
  bad: 0,
  duplicates: 0,
  oddities: { agent_without_answer: 0, no_hangup: 0, repeated_hour: 0 },
  outOfOrder: 0,
});

const dateOf = (midnight: number): string => new Date(midnight).toISOString().slice(0, 10);

/**
 * The events of a recording in the order of time, a local day in memory at a time. Rows of a day may stand in any order;
 * a row of an earlier day than the one in hand is given late (the fold does not mind) and counted.
 */
export async function* recordedEvents(
  rows: AsyncIterable<ReadRow>,
  options: RecordedDaysOptions,
  counts: RowCounts,
  onBad: (line: number, reason: string) => void,
): AsyncGenerator<RecordedEvent> {
  const { site, zone, selection, exactDuplicates } = options;
  const agenda = new Agenda<RecordedEvent>();
  let midnight = -Infinity;
  let day: Call[] = [];
  let seen = new Map<string, number>();

  const closeDay = () => {
    for (const call of options.inferAgents ? inferAgentStates(site, day) : []) agenda.add(call.at, call);
    day = [];
    seen = new Map();
  };
  function* before(instant: number): Generator<RecordedEvent> {
    while (agenda.nextAt !== undefined && agenda.nextAt < instant) yield agenda.take() as RecordedEvent;
  }

  for await (const row of rows) {
    if (row.kind === 'bad') {
      counts.bad++;
      onBad(row.line, row.reason);
      continue;
    }
    const { call } = row;
    const ofCall = midnightOf(zone.wallTime(call.received));
    const date = dateOf(ofCall);
    if ((selection.from !== null && date < selection.from) || (selection.to !== null && date > selection.to)) {
      counts.notSelected++;
      continue;
    }
    if (ofCall > midnight) {
      closeDay();
      midnight = ofCall;
      yield* before(zone.instantOf(midnight));
    }
    const occurrence = (seen.get(call.identity) ?? 0) + 1;
    seen.set(call.identity, occurrence);
    if (occurrence > 1 && exactDuplicates === 'once') {
      counts.duplicates++;
      continue;
    }
    // Agents are inferred from all their calls, also those of queues that are not wanted.
    day.push(call);
    if (selection.queues && !selection.queues.has(call.queue)) {
      counts.notSelected++;
      continue;
    }
    if (ofCall < midnight) counts.outOfOrder++;
    counts.imported++;
    for (const oddity of row.oddities) counts.oddities[oddity]++;
    for (const recorded of eventsOfCall(site, call, occurrence)) agenda.add(recorded.at, recorded);
  }
  closeDay();
  yield* before(Infinity);
}
