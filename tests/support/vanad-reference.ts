import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** What the recording says of one queue on one date: counts, and milliseconds. */
export interface VanadQueueDay {
  offered: number;
  answered: number;
  abandoned: number;
  /** Waits of all: to the answer, or to the hangup of those who gave up. */
  totalWaitMs: number;
  answeredWaitMs: number;
}

/** Local times of one day with a single change of clocks at most: their difference is that of the wall clocks. */
const wallSeconds = (text: string): number => {
  const [date = '', time = ''] = text.split(' ');
  const [year = 0, month = 1, day = 1] = date.split('-').map(Number);
  const [hours = 0, minutes = 0, seconds = 0] = time.split(':').map(Number);
  return Date.UTC(year, month - 1, day, hours, minutes, seconds) / 1000;
};

/**
 * Counts one date of the VANAD recording by its plain columns, sharing nothing with the importer. Its treatment of odd
 * rows: exact duplicates count once; `answered` alone decides whether a call was answered, also where an agent is named;
 * a row that neither was answered nor hung up does not occur.
 *
 * @param file a month of the recording, gzipped CSV
 * @param date yyyy-MM-dd, local date of `received`
 * @returns by queue code
 */
export const vanadReference = (file: string, date: string): Map<string, VanadQueueDay> => {
  const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n');
  const header = (lines[0] ?? '').trim().split(',');
  const [RECEIVED, QUEUE, ANSWERED, HANGUP] = ['received', 'queue', 'answered', 'hangup'].map((name) =>
    header.indexOf(name),
  ) as [number, number, number, number];
  const rows = new Set(lines.slice(1).map((line) => line.trim()));
  const queues = new Map<string, VanadQueueDay>();
  for (const row of rows) {
    const cells = row.split(',');
    const received = cells[RECEIVED] ?? '';
    if (!received.startsWith(date)) continue;
    const code = cells[QUEUE] ?? '';
    const answered = cells[ANSWERED] !== 'NULL';
    const waitedUntil = (answered ? cells[ANSWERED] : cells[HANGUP]) ?? '';
    const waitMs = (wallSeconds(waitedUntil) - wallSeconds(received)) * 1000;
    const queue = queues.get(code) ?? { offered: 0, answered: 0, abandoned: 0, totalWaitMs: 0, answeredWaitMs: 0 };
    queues.set(code, queue);
    queue.offered++;
    queue.totalWaitMs += waitMs;
    if (answered) {
      queue.answered++;
      queue.answeredWaitMs += waitMs;
    } else queue.abandoned++;
  }
  return queues;
};
