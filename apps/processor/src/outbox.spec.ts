import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { instant } from '@queuecast/events';
import { openEmbeddedLog, type EventLog, type StoredRecord } from '@queuecast/event-log';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { Outbox } from './outbox.js';

const directory = mkdtempSync(join(tmpdir(), 'queuecast-outbox-'));
let events: EventLog;
let dead: EventLog;

beforeAll(async () => {
  events = await openEmbeddedLog({ directory, name: 'events', partitions: 2 });
  dead = await openEmbeddedLog({ directory, name: 'dead-letters', partitions: 1 });
});
afterAll(async () => {
  await dead.close();
  await events.close();
  rmSync(directory, { recursive: true, force: true });
});
afterEach(() => vi.restoreAllMocks());

const record = (offset: number): StoredRecord => ({
  offset,
  key: 'foreign',
  value: Buffer.from(`event ${offset}`),
  appendedAt: instant(0),
});
/** What is appended from now on; `after` is called when the first records are in the log and nobody knows it yet. */
const appendedTo = (log: EventLog, after: () => void = () => undefined) => {
  const original = log.append.bind(log);
  const append = vi.spyOn(log, 'append').mockImplementationOnce(async (records) => {
    const positions = await original([...records]);
    after();
    return positions;
  });
  return () => append.mock.calls.flatMap(([records]) => records.map(({ value }) => String(value)));
};

it('keeps what comes while it sends for the next time, and sends everything once', async () => {
  const outbox = new Outbox(events, dead);
  const redirected = appendedTo(events, () => outbox.redirect('acme/main', record(2)));
  const letters = appendedTo(dead, () => outbox.deadLetter(0, record(2), 'invalid', []));
  outbox.redirect('acme/main', record(1));
  outbox.deadLetter(0, record(1), 'invalid', []);
  await outbox.send();
  expect(outbox.size).toBe(2);
  await outbox.send();
  expect(redirected()).toEqual(['event 1', 'event 2']);
  expect(letters().map((letter) => (JSON.parse(letter) as { offset: number }).offset)).toEqual([1, 2]);
  expect(outbox.size).toBe(0);
});

it('keeps everything when the log is away', async () => {
  const outbox = new Outbox(events, dead);
  outbox.redirect('acme/main', record(4));
  vi.spyOn(events, 'append').mockRejectedValueOnce(new Error('away'));
  await expect(outbox.send()).rejects.toThrow('away');
  const redirected = appendedTo(events);
  await outbox.send();
  expect(redirected()).toContain('event 4');
});
