import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compareFacts } from './comparison.js';
import { deliverDay, lastWorkingDay } from './day.js';
import { EmbeddedInstallation, KEY } from './embedded-installation.js';
import { uninterruptedRun } from './embedded-run.js';
import { Feeder } from './feeder.js';
import { SmallDisk } from './small-disk.js';

const NINE = 9 * 3_600_000;
const MEGABYTES = 192;

/** Needs a file system of its own to fill: counted as skipped where none can be made. */
describe.skipIf(!SmallDisk.possible())('a disk that is full', () => {
  let directory: string;
  let reference: EmbeddedInstallation;
  const day = deliverDay({ seed: 'disk', from: lastWorkingDay(Date.now()) + NINE, hours: 0.2 });

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'queuecast-disk-'));
    reference = await uninterruptedRun(join(directory, 'uninterrupted'), day);
  }, 300_000);
  afterAll(() => rm(directory, { recursive: true, force: true }));

  /** Feeds the day; halfway the disk of that part is full until the product has said so. */
  const throughFullDisk = async (part: 'log' | 'store', hasSaid: (printed: string, feeder: Feeder) => boolean) => {
    const installation = await EmbeddedInstallation.create(join(directory, part));
    const disk = SmallDisk.at(join(installation.dataDirectory, part), MEGABYTES);
    const program = installation.start();
    const feeder = new Feeder(day.batches, () => installation.origin, KEY);
    try {
      await program.up();
      const half = Math.ceil(day.batches.length / 2);
      feeder.allow(half);
      await feeder.reached(half);
      await disk.fill();
      feeder.allow(day.batches.length);
      await expect.poll(() => hasSaid(program.printed, feeder), { timeout: 120_000, interval: 200 }).toBe(true);
      expect(program.gone).toBe(false);
      await disk.free();
      await feeder.reached(day.batches.length);
      await installation.shows(day);
      await program.stop();
      return await compareFacts(reference.facts, installation.facts, day);
    } finally {
      program.signal('SIGKILL');
      await program.exited;
      await feeder.close();
      disk.remove();
    }
  };

  it(
    'of the log: senders are told to come again, nothing acknowledged is lost, and all goes on',
    { timeout: 400_000 },
    async () => {
      const { differences, rows } = await throughFullDisk(
        'log',
        (printed, { refusal }) => refusal.includes('its disk is full') && printed.includes('its disk is full'),
      );
      expect(differences).toEqual([]);
      expect(rows).toBeGreaterThan(day.distinct);
    },
  );

  it('of the store: senders are answered all the same, and the facts catch up', { timeout: 400_000 }, async () => {
    const { differences, rows } = await throughFullDisk(
      'store',
      (printed, { position }) => position === day.batches.length && /space/i.test(printed),
    );
    expect(differences).toEqual([]);
    expect(rows).toBeGreaterThan(day.distinct);
  });
});
