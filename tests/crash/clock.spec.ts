import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { StoredRecord } from '@queuecast/event-log';
import { appendEvents, settingsFrom, startProcessor } from '../support/processing.js';
import { compareFacts } from './comparison.js';
import { deliverDay, lastWorkingDay, TENANT } from './day.js';
import { EmbeddedPorts } from './embedded-ports.js';

const HOUR = 3_600_000;
const settings = settingsFrom({
  tenants: [{ id: TENANT, queues: [{ id: 'billing' }] }],
  processor: { flushMs: 20, flushRows: 500 },
});

describe('a clock that is set back', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'queuecast-clock-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const day = deliverDay({ seed: 'clock', from: lastWorkingDay(Date.now()) + 9 * HOUR, hours: 0.1 });

  /** Folds the day in three lives of the processor; `step` is told before each third what number it has. */
  const run = async (name: string, now: () => number, step: (third: number) => void): Promise<EmbeddedPorts> => {
    const embedded = new EmbeddedPorts(join(directory, name), now);
    const third = Math.ceil(day.batches.length / 3);
    for (let part = 0; part < 3; part += 1) {
      const ports = await embedded.open();
      const running = await startProcessor(ports, settings, now);
      const batches = day.batches.slice(part * third, (part + 1) * third);
      const half = Math.floor(batches.length / 2);
      const fold = async (some: typeof batches): Promise<void> => {
        const positions = [];
        for (const batch of some) positions.push(...(await appendEvents(ports.events, batch)));
        await running.processor.committedThrough(positions);
      };
      await fold(batches.slice(0, half));
      step(part);
      await fold(batches.slice(half));
      await running.shows('billing', ({ today }) => today !== null);
      await running.close();
      await ports.close();
    }
    return embedded;
  };

  it(
    'changes no fact, whether it steps while the processor runs or between two of its lives',
    { timeout: 300_000 },
    async () => {
      const steady = await run('steady', Date.now, () => undefined);
      let offset = 0;
      const stepping = await run(
        'stepping',
        () => Date.now() + offset,
        (part) => {
          offset -= [HOUR, 60_000, 4 * 24 * HOUR][part] ?? 0;
        },
      );
      const comparison = await compareFacts(steady.facts, stepping.facts, day);
      expect(comparison.differences).toEqual([]);
      expect(comparison.rows).toBeGreaterThan(day.distinct);
    },
  );

  it('lets the log date records in their order, and trim none for being of the future', async () => {
    let now = Date.now();
    const embedded = new EmbeddedPorts(join(directory, 'log'), () => now);
    const { events, close } = await embedded.open();
    const record = { key: `${TENANT}/main`, value: Buffer.from('{}') };
    for (const step of [0, -HOUR, 1_000, -24 * HOUR, 5_000]) {
      now += step;
      await events.append([record]);
    }
    const read: StoredRecord[] = [];
    const reader = await events.read('clock', {
      assigned: () => Promise.resolve(),
      revoked: () => Promise.resolve(),
      batch: ({ records }) => {
        read.push(...records);
        return Promise.resolve();
      },
    });
    await expect.poll(() => read.length).toBe(5);
    const times = read.map(({ appendedAt }) => appendedAt);
    expect(times).toEqual([...times].sort((one, other) => one - other));
    await reader.close();
    await close();
  });
});
