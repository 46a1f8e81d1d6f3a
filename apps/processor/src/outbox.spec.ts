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
const appendedTo = (log: EventLog) => {
  const append = vi.spyOn(log, 'append');
  return () => append.mock.calls.flatMap(([records]) => records.map(({ value }) => String(value)));
};

it('keeps what comes while it sends for the next time, and sends everything once', async () => {
  const redirected = appendedTo(events);
  const letters = appendedTo(dead);
  const outbox = new Outbox(events, dead);
  const put = (offset: number): void => {
    outbox.redirect('acme/main', record(offset));
    outbox.deadLetter(0, record(offset), 'invalid', []);
  };
  put(1);
  const sending = outbox.send();
  put(2);
  await sending;
  put(3);
  expect(outbox.size).toBeGreaterThan(0);
  await outbox.send();
  expect(redirected()).toEqual(['event 1', 'event 2', 'event 3']);
  expect(letters().map((letter) => (JSON.parse(letter) as { offset: number }).offset)).toEqual([1, 2, 3]);
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
