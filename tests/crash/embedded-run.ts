import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../apps/simulator/src/index.js';
import { compareFacts } from './comparison.js';
import type { CrashRun, CrashRunOptions } from './crash-run.js';
import type { DeliveredDay } from './day.js';
import { EmbeddedInstallation, KEY } from './embedded-installation.js';
import { Feeder } from './feeder.js';
import type { Program } from './program.js';
import { FLUSH_ORDER, TableWatch } from './table-watch.js';

/** The same events without any interruption. */
export const uninterruptedRun = async (directory: string, day: DeliveredDay): Promise<EmbeddedInstallation> => {
  const installation = await EmbeddedInstallation.create(directory);
  const program = installation.start();
  await program.up();
  const feeder = new Feeder(day.batches, () => installation.origin, KEY);
  feeder.allow(day.batches.length);
  await feeder.reached(day.batches.length);
  await installation.shows(day);
  await feeder.close();
  await program.stop();
  return installation;
};

/** If what a kill is aimed at does not come within this time, it comes all the same. */
const AIM_MS = 10_000;

/** One life of the product and its end. Returns what the end hit. */
class EmbeddedLife {
  constructor(
    private readonly random: Random,
    private readonly program: Program,
    private readonly feeder: Feeder,
    private readonly watch: TableWatch,
    private readonly upMs: number,
  ) {}

  /** @param until the feeder may send the batches before it */
  async end(until: number): Promise<string> {
    const { random, program } = this;
    const dice = random.next();
    if (dice < 0.15) {
      await Promise.race([sleep(random.next() * 1.3 * this.upMs), program.exited]);
      await program.kill();
      return 'while it starts';
    }
    await program.up();
    if (dice < 0.4) return this.whileSending(until);
    if (dice < 0.45) {
      this.feeder.allow(until);
      await this.feeder.reached(until - 1);
      program.signal('SIGTERM');
      await sleep(random.next() * 200);
      await program.kill();
      return 'while it stops';
    }
    return this.whileFlushing(until);
  }

  private async whileSending(until: number): Promise<string> {
    const { random, program, feeder } = this;
    const at = random.integer(Math.min(feeder.position, until), until);
    feeder.allow(until);
    await feeder.reached(at);
    await sleep(random.next() * 30);
    await program.kill();
    return 'while events come in';
  }

  private async whileFlushing(until: number): Promise<string> {
    const { random, program, feeder, watch } = this;
    if (!watch.look()) return this.whileSending(until);
    const table = FLUSH_ORDER[random.integer(0, FLUSH_ORDER.length - 1)] ?? 'contacts';
    const moment = random.chance(0.5) ? 'during' : 'after';
    const delay = random.chance(0.5) ? 0 : random.next() * 10;
    // Not the first flush after the start only.
    await sleep(random.next() * 200);
    feeder.allow(until);
    const aimed = await watch.at(table, moment, AIM_MS, () => {
      if (delay === 0) program.signal('SIGKILL');
    });
    if (delay > 0) await sleep(delay);
    await program.kill();
    return aimed ? `${moment} the insert into ${table}` : 'while idle';
  }
}

/** The product, killed again and again while the day's events come in; then compared with the uninterrupted run. */
export const crashEmbedded = async ({ directory, day, kills, seed, progress }: CrashRunOptions): Promise<CrashRun> => {
  const reference = await uninterruptedRun(join(directory, 'uninterrupted'), day);
  progress('the uninterrupted run is done');
  const random = new Random(`${seed}/kills`);
  const installation = await EmbeddedInstallation.create(join(directory, 'crashed'));
  const feeder = new Feeder(day.batches, () => installation.origin, KEY);
  const watch = new TableWatch(installation.storeDirectory);
  const hits = new Map<string, number>();
  let upMs = 2_000;
  try {
    for (let kill = 1; kill <= kills; kill += 1) {
      const began = performance.now();
      const program = installation.start();
      void program.announced.then((up) => {
        if (up !== null) upMs = performance.now() - began;
      });
      const life = new EmbeddedLife(random, program, feeder, watch, upMs);
      const hit = await life.end(Math.ceil((day.batches.length * kill) / (kills + 1)));
      hits.set(hit, (hits.get(hit) ?? 0) + 1);
      progress(`kill ${kill} of ${kills} ${hit}, ${feeder.acknowledged} of ${day.deliveries} events acknowledged`);
    }
    const last = installation.start();
    await last.up();
    feeder.allow(day.batches.length);
    await feeder.reached(day.batches.length);
    await installation.shows(day);
    await last.stop();
  } finally {
    watch.close();
    await feeder.close();
  }
  const comparison = await compareFacts(reference.facts, installation.facts, day);
  return { ...comparison, kills: hits, faults: new Map(), resent: feeder.resent };
};
