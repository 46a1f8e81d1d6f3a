import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../apps/simulator/src/index.js';
import type { Fault } from '../support/clickhouse-http-front.js';
import { compareFacts } from './comparison.js';
import type { CrashRun, CrashRunOptions } from './crash-run.js';
import { DistributedInstallation } from './distributed-installation.js';
import { KEY } from './embedded-installation.js';
import { uninterruptedRun } from './embedded-run.js';
import { Feeder } from './feeder.js';
import type { Supervised } from './supervised.js';
import { FLUSH_ORDER, TableWatch, type FlushedTable } from './table-watch.js';

/** After a processor died the group waits for it, up to its session's ten seconds: nothing is flushed meanwhile. */
const AIM_MS = 15_000;
/** Longer than the session of a group's member. */
const FROZEN_MS = 13_000;

const FRONT_FAULTS: readonly Fault['kind'][] = [
  'reset',
  'reset-after',
  'half-insert',
  'error-500',
  'exception',
  'slow',
  'stall',
];

/** What goes wrong in one life of an installation, drawn from a seed. */
class Misfortune {
  readonly kills = new Map<string, number>();
  readonly faults = new Map<string, number>();
  private readonly background: Promise<void>[] = [];

  constructor(
    private readonly random: Random,
    private readonly installation: DistributedInstallation,
    private readonly watch: TableWatch,
  ) {}

  /** One kill, and what comes with it. Returns what it hit. */
  async strike(): Promise<string> {
    const { random, installation } = this;
    await this.disturb();
    const dice = random.next();
    const what =
      dice < 0.4
        ? await this.whileFlushing('a processor', [this.processor()])
        : dice < 0.5
          ? await this.whileFlushing('both processors', installation.processors)
          : dice < 0.8
            ? await this.killFront()
            : dice < 0.92
              ? await this.killCollector()
              : await this.killBroker();
    this.kills.set(what, (this.kills.get(what) ?? 0) + 1);
    return what;
  }

  /** Resolves when what was begun in the background is over. */
  async settled(): Promise<void> {
    await Promise.all(this.background);
  }

  private processor(): Supervised {
    const { processors } = this.installation;
    return processors[this.random.integer(0, processors.length - 1)] as Supervised;
  }

  private table(): FlushedTable {
    return FLUSH_ORDER[this.random.integer(0, FLUSH_ORDER.length - 1)] ?? 'contacts';
  }

  /** Faults that kill nobody. */
  private async disturb(): Promise<void> {
    const { random, installation } = this;
    const dice = random.next();
    if (dice < 0.5) {
      const kind = FRONT_FAULTS[random.integer(0, FRONT_FAULTS.length - 1)] ?? 'reset';
      const statement = `INSERT INTO ${this.table()}`;
      // A stall is over when the front dies, which the next strikes see to.
      await installation.inject({ kind, statement, ...(kind === 'slow' && { delayMs: 500 }) });
      this.count(`front: ${kind}`);
    } else if (dice < 0.6) {
      await installation.inject({ kind: 'slow', statement: `INSERT INTO ${this.table()}`, delayMs: 2_000 });
      this.processor().leave();
      this.count('a processor leaves while a flush runs');
    } else if (dice < 0.64) {
      this.background.push(this.processor().freeze(FROZEN_MS));
      this.count('a processor stands still until others have its partitions');
    }
  }

  private async whileFlushing(who: string, victims: readonly Supervised[]): Promise<string> {
    const moment = this.random.chance(0.5) ? 'during' : 'after';
    const table = this.table();
    const hit = await this.aim(table, moment, () => victims.forEach((victim) => victim.kill()));
    return hit ? `${who} ${moment} an insert into ${table}` : `${who} while idle`;
  }

  private async killFront(): Promise<string> {
    const { front } = this.installation;
    const moment = this.random.chance(0.7) ? 'during' : 'after';
    const table = this.table();
    // It refuses connections for a while.
    front.hold();
    const hit = await this.aim(table, moment, () => front.kill());
    await sleep(this.random.next() * 1_500);
    front.release();
    return hit ? `the front ${moment} an insert into ${table}` : 'the front while idle';
  }

  private async killCollector(): Promise<string> {
    await sleep(this.random.next() * 1_000);
    this.installation.collector.kill();
    return 'the collector while events come in';
  }

  private async killBroker(): Promise<string> {
    const { broker } = this.installation;
    await sleep(this.random.next() * 1_000);
    await broker.kill();
    await sleep(this.random.next() * 1_500);
    await broker.comeBack();
    return 'the broker';
  }

  private async aim(table: FlushedTable, moment: 'during' | 'after', kill: () => void): Promise<boolean> {
    if (!this.watch.look()) await sleep(500);
    const hit = await this.watch.at(table, moment, AIM_MS, kill);
    if (!hit) kill();
    return hit;
  }

  private count(what: string): void {
    this.faults.set(what, (this.faults.get(what) ?? 0) + 1);
  }
}

/** A role whose servers are away when it starts says so and ends, to be started again. Anything else is a crash. */
const SERVERS_AWAY = /^queuecast: .*(Kafka|store|broker).*$/m;

const endingsOf = (roles: readonly Supervised[]): { excused: number; unexcused: string[] } => {
  const endings = roles.flatMap((role) => role.endings);
  const unexcused = endings.filter((printed) => !SERVERS_AWAY.test(printed));
  return {
    excused: endings.length - unexcused.length,
    unexcused: unexcused.map((printed) => `ended by itself: ${printed.trim().slice(-1_000)}`),
  };
};

/** Two processors on Kafka and a ClickHouse front, all of which fail; then compared with the uninterrupted run. */
export const crashDistributed = async ({
  directory,
  day,
  kills,
  seed,
  progress,
}: CrashRunOptions): Promise<CrashRun> => {
  const reference = await uninterruptedRun(join(directory, 'uninterrupted'), day);
  progress('the uninterrupted run is done');
  const installation = await DistributedInstallation.start(join(directory, 'crashed'));
  progress('broker, front, collector and two processors are up');
  const watch = new TableWatch(installation.storeDirectory);
  const feeder = new Feeder(day.batches, () => installation.origin, KEY);
  const misfortune = new Misfortune(new Random(`${seed}/kills`), installation, watch);
  try {
    for (let kill = 1; kill <= kills; kill += 1) {
      feeder.allow(Math.ceil((day.batches.length * kill) / (kills + 1)));
      const what = await misfortune.strike();
      progress(`kill ${kill} of ${kills}: ${what}, ${feeder.acknowledged} of ${day.deliveries} events acknowledged`);
    }
    await misfortune.settled();
    feeder.allow(day.batches.length);
    await feeder.reached(day.batches.length);
    await installation.shows(day);
    await installation.stopProcessors();
    const comparison = await compareFacts(reference.facts, installation.facts, day);
    const { excused, unexcused } = endingsOf([...installation.processors, installation.collector, installation.front]);
    return {
      ...comparison,
      differences: [...unexcused, ...comparison.differences],
      kills: misfortune.kills,
      faults: new Map([...misfortune.faults, ['a role finds its servers away and is started again', excused]]),
      resent: feeder.resent,
    };
  } finally {
    watch.close();
    await feeder.close();
    await installation.end();
  }
};
