import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { versionOf } from '@queuecast/contact-center';
import type { CloudEvent } from '@queuecast/events';
import { Random } from '../../apps/simulator/src/index.js';
import { appendEvents, settingsFrom, startProcessor } from '../support/processing.js';
import { compareFacts } from './comparison.js';
import { deliverDay, lastWorkingDay, TENANT } from './day.js';
import { EmbeddedPorts } from './embedded-ports.js';

const settings = settingsFrom({ tenants: [{ id: TENANT }], processor: { flushMs: 20, flushRows: 500 } });

const shuffled = (events: readonly CloudEvent[], random: Random): CloudEvent[] =>
  events
    .map((event) => ({ event, place: random.next() }))
    .sort((one, other) => one.place - other.place)
    .map(({ event }) => event);

describe('a log that is made again', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'queuecast-recreated-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const fold = async (embedded: EmbeddedPorts, events: readonly CloudEvent[]): Promise<void> => {
    const ports = await embedded.open();
    const running = await startProcessor(ports, settings);
    const positions = [];
    for (let start = 0; start < events.length; start += 500)
      positions.push(...(await appendEvents(ports.events, events.slice(start, start + 500))));
    await running.processor.committedThrough(positions);
    await running.close();
    await ports.close();
  };

  it('is a higher generation: sources that send everything again, in any order, change no fact', async () => {
    const from = lastWorkingDay(Date.now()) + 9 * 3_600_000;
    const day = deliverDay({ seed: 'recreated', from, hours: 0.1 });
    const events = day.batches.flat();
    const before = events.slice(0, Math.floor(events.length * 0.6));
    const after = events.slice(before.length);
    const whole = new EmbeddedPorts(join(directory, 'whole'));
    await fold(whole, events);

    const recreated = new EmbeddedPorts(join(directory, 'recreated'));
    await fold(recreated, before);
    await recreated.loseLog();
    await fold(recreated, [...shuffled(before, new Random('again')), ...after]);

    const comparison = await compareFacts(whole.facts, recreated.facts, day);
    expect(comparison.differences).toEqual([]);
    expect(comparison.rows).toBeGreaterThan(day.distinct);
    const [versions] = await recreated.facts((store) =>
      store.report(
        'SELECT toString(min(version)) AS lowest, toString(max(version)) AS highest FROM contacts FINAL',
        {},
      ),
    );
    expect(Number(versions?.['lowest'])).toBeLessThan(versionOf(2, 0));
    expect(Number(versions?.['highest'])).toBeGreaterThanOrEqual(versionOf(2, 0));
  });
});
