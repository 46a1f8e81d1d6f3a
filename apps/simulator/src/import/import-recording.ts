import { instant } from '@queuecast/events';
import type { RejectedEvent, Send } from '../delivery/http-sender.js';
import { pace, type Speed } from '../delivery/pace.js';
import type { TimedEvent } from '../centre/stage.js';
import type { ZoneClock } from '../local-time.js';
import type { ImportedSite, RecordedEvent } from './call-events.js';
import type { Checkpoint } from './checkpoint.js';
import type { Mapping } from './mapping.js';
import { readCalls } from './read-file.js';
import { noRows, recordedEvents, type RowCounts, type Selection } from './recorded-days.js';

export interface BadRow {
  readonly line: number;
  readonly reason: string;
}

/** What decides which events a file makes. */
export interface ReadOptions {
  readonly file: string;
  readonly mapping: Mapping;
  readonly zone: ZoneClock;
  readonly site: ImportedSite;
  readonly selection: Selection;
  readonly inferAgents: boolean;
}

export interface ImportOptions extends ReadOptions {
  readonly speed: Speed;
  readonly batch: number;
  readonly send: Send;
  readonly checkpoint: Checkpoint;
  readonly signal: AbortSignal;
  readonly now: () => number;
  /** Told after the survey, and after every batch: how many of the events are taken. */
  readonly onProgress?: (taken: number, total: number) => void;
}

/** What a file holds, found by reading it once before anything is sent. */
export interface Survey {
  readonly rows: RowCounts;
  readonly badRows: readonly BadRow[];
  readonly events: number;
}

export interface ImportSummary extends Survey {
  /** Events that the receiver had from an earlier, interrupted import. */
  readonly resumedFrom: number;
  /** Events taken in all, those of the interrupted import included. */
  readonly taken: number;
  readonly rejected: readonly RejectedEvent[];
  readonly complete: boolean;
}

const eventsOf = (options: ReadOptions, rows: RowCounts, badRows: BadRow[]): AsyncGenerator<RecordedEvent> =>
  recordedEvents(
    readCalls(options.file, options.mapping, options.zone),
    {
      site: options.site,
      zone: options.zone,
      selection: options.selection,
      exactDuplicates: options.mapping.exactDuplicates,
      inferAgents: options.inferAgents,
    },
    rows,
    (line, reason) => badRows.push({ line, reason }),
  );

/** Reads a file once without sending anything: what its rows are, and how many events they make. */
export const survey = async (options: ReadOptions): Promise<Survey> => {
  const rows = noRows();
  const badRows: BadRow[] = [];
  let events = 0;
  for await (const _ of eventsOf(options, rows, badRows)) events++;
  return { rows, badRows, events };
};

async function* skipping(events: AsyncIterable<RecordedEvent>, count: number): AsyncGenerator<TimedEvent> {
  let number = 0;
  for await (const { event, at } of events) if (++number > count) yield { event, at: instant(at) };
}

/**
 * Sends the events of a surveyed file in the order of time, from where an interrupted import of the same stopped. Ids
 * are made from the rows, so sending any of them again changes nothing.
 *
 * @returns what was sent; `complete` is false when the signal ended it early
 */
export const importRecording = async (options: ImportOptions, surveyed: Survey): Promise<ImportSummary> => {
  const { checkpoint, send, signal, speed, batch, now, onProgress } = options;
  const rejected: RejectedEvent[] = [];
  const resumedFrom = Math.min(await checkpoint.read(), surveyed.events);
  let taken = resumedFrom;
  onProgress?.(taken, surveyed.events);
  const events = skipping(eventsOf(options, noRows(), []), resumedFrom);
  for await (const due of pace(events, { speed, batch, now, signal })) {
    rejected.push(...(await send(due)).rejected);
    taken += due.length;
    await checkpoint.write(taken);
    onProgress?.(taken, surveyed.events);
  }
  const complete = taken === surveyed.events;
  if (complete) await checkpoint.remove();
  return { ...surveyed, resumedFrom, taken, rejected, complete };
};
