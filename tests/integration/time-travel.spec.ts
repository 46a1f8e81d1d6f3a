import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WallboardHistory } from '../../apps/gateway/src/history/wallboard-history.js';
import { ProcessorMetrics } from '../../apps/processor/src/metrics.js';
import { Processor } from '../../apps/processor/src/processor.js';
import { centreOf, FaultyDelivery, NO_FAULTS, Random, Simulation } from '../../apps/simulator/src/index.js';
import { DEFAULT_FOLD, OFFSETS_PER_GENERATION } from '@queuecast/contact-center';
import { openEmbeddedLog } from '@queuecast/event-log';
import { instant, partitionKey, tenantId, type Instant } from '@queuecast/events';
import { Metrics } from '@queuecast/http';
import { InProcessBus, type QueueFrame, type ReplayedFrame, type ReplayedWallboard } from '@queuecast/live';
import { Catalog } from '@queuecast/settings';
import { openStore } from '@queuecast/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { settingsFrom } from '../support/processing.js';

const ACME = tenantId('acme');
const START = Date.parse('2026-03-02T09:00:00Z');
const HOURS = 2;
const END = START + HOURS * 3_600_000;
/** Late events are up to this late, and all of them come. */
const LATE_MS = 3_600_000;

const settings = settingsFrom({
  tenants: [{ id: 'acme', timeZone: 'Europe/Brussels' }],
  processor: { flushMs: 20 },
});
const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** A clock that goes on by itself, and that can be set forward: hours of events come in seconds. */
class TravellingClock {
  private ahead = 0;
  readonly now = (): number => Date.now() + this.ahead;
  jump(to: number): void {
    if (to > this.now() || this.ahead === 0) this.ahead = to - Date.now();
  }
}

/** The product from the log to the frames, on embedded engines and with that clock. */
class Centre {
  readonly clock = new TravellingClock();
  readonly frames: QueueFrame[] = [];
  private closed = false;

  private constructor(
    private readonly directory: string,
    private readonly ports: {
      readonly events: Awaited<ReturnType<typeof openEmbeddedLog>>;
      readonly deadLetters: Awaited<ReturnType<typeof openEmbeddedLog>>;
      readonly store: Awaited<ReturnType<typeof openStore>>;
    },
    startAt: number,
  ) {
    this.clock.jump(startAt);
  }

  processor!: Processor;
  history!: WallboardHistory;

  static async open(startAt: number): Promise<Centre> {
    const directory = await mkdtemp(join(tmpdir(), 'queuecast-time-travel-'));
    let now = (): number => startAt;
    const clock = { now: () => now() };
    const log = (name: string, partitions: number) =>
      openEmbeddedLog({ directory: join(directory, 'log'), name, partitions, ...clock });
    const [events, deadLetters] = [await log('events', 2), await log('dead-letters', 1)];
    const store = await openStore({ kind: 'embedded', directory: join(directory, 'store'), ...clock });
    await store.migrate();
    const centre = new Centre(directory, { events, deadLetters, store }, startAt);
    now = centre.clock.now;
    await centre.start();
    centre.history = new WallboardHistory(store, new Catalog(settings), settings, centre.clock.now);
    return centre;
  }

  get store() {
    return this.ports.store;
  }

  async start(): Promise<void> {
    const bus = new InProcessBus();
    await bus.subscribe((frame) => void this.frames.push(frame));
    this.processor = new Processor({
      ...this.ports,
      settings,
      bus,
      catalog: new Catalog(settings),
      metrics: new ProcessorMetrics(new Metrics({ processMetrics: false })),
      now: this.clock.now,
    });
    await this.processor.start();
  }

  /** Appends events at an instant and waits until all of it is shown, figures of the day too. */
  async take(at: number, events: readonly { readonly event: object }[]): Promise<void> {
    this.clock.jump(at);
    const positions = [];
    for (let start = 0; start < events.length; start += 500) {
      const batch = events.slice(start, start + 500).map(({ event }) => ({
        key: partitionKey(event as { tenant: string; site: string }),
        value: Buffer.from(JSON.stringify(event)),
      }));
      positions.push(...(await this.ports.events.append(batch)));
    }
    await this.processor.committedThrough(positions);
    const last = positions.reduce((latest, { offset }) => Math.max(latest, offset), -1);
    for (;;) {
      // Events that touch no interval leave the figures where they are.
      const [newest] = await this.store.report('SELECT toString(max(version)) AS version FROM queue_intervals', {});
      const [shown] = await this.store.shownAt(ACME, instant(this.clock.now()));
      const position = (shown?.version ?? 0) % OFFSETS_PER_GENERATION;
      // The processor may say something itself meanwhile: whom it suspects to be gone.
      const latest = Math.max(...this.frames.slice(-200).map(({ offset }) => offset));
      const isRead = (shown?.figuresVersion ?? 0) >= Number(newest?.['version']);
      const announced = await this.announced();
      const isSettled = [...this.screen().values()].every((frame) => isAnnounced(frame, announced));
      if (shown && position >= last && position === latest && isRead && isSettled) return;
      await pause(100);
    }
  }

  /** At which offset the log tells of suspicions, by contact; each is shown a moment before. */
  async announced(): Promise<Map<string, number>> {
    const rows = await this.store.report(
      `SELECT subject, max(version) AS version FROM events WHERE type = 'acd.contact.suspected' GROUP BY subject`,
      {},
    );
    return new Map(rows.map(({ subject, version }) => [String(subject), Number(version) % OFFSETS_PER_GENERATION]));
  }

  /** What the screen has: the last frame of every queue. */
  screen(): Map<string, QueueFrame> {
    return new Map(this.frames.map((frame) => [frame.queue, frame]));
  }

  async close(): Promise<void> {
    if (this.closed) return;
    this.closed = true;
    await this.processor.close();
    await this.ports.store.close();
    await this.ports.deadLetters.close();
    await this.ports.events.close();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** One in so many contacts and agents of a large centre: enough to see, few enough to wait for. */
const ONE_IN = 12;
const isChosen = (subject: string): boolean =>
  Array.from(subject).reduce((hash, character) => (hash * 31 + character.charCodeAt(0)) % 65_521, 7) % ONE_IN === 0;

/** What must be equal of a frame and its replay; what was estimated was of its moment, and is not worked out again. */
const present = ({ queue, waiting, oldest, agents }: QueueFrame | ReplayedFrame) => ({
  queue,
  waiting,
  oldest: oldest.map(({ contact, leg, queuedAt, priority }) => ({ contact, leg, queuedAt, priority })),
  agents,
});
const essence = (frame: QueueFrame | ReplayedFrame) => {
  const { opening, notices, today } = frame;
  return { ...present(frame), opening, notices, today };
};

/** Whether the log tells by the position of a frame of all who are shown as suspected in it. */
const isAnnounced = ({ suspects, offset }: QueueFrame, announced: ReadonlyMap<string, number>): boolean =>
  suspects.every(({ contact }) => (announced.get(contact) ?? Infinity) <= offset);

const byQueue = (frames: Iterable<QueueFrame | ReplayedFrame>) =>
  [...frames].map(essence).sort((one, other) => (one.queue < other.queue ? -1 : 1));

describe('looking back', () => {
  const simulation = new Simulation({
    scenario: 'normal-day',
    model: centreOf('normal-day', { start: START, end: END, timeZone: 'Europe/Brussels' }),
    seed: 'time-travel',
    start: START,
    end: END,
    tenant: 'acme',
    site: 'main',
  });
  const faults = { ...NO_FAULTS, duplicates: 0.05, disorder: 0.05, late: 0.03, lateToMs: LATE_MS };
  const deliveries = [...new FaultyDelivery(faults, new Random('time-travel')).deliver(simulation)].filter(
    ({ event }) => isChosen(event.subject ?? ''),
  );
  /** What the screen showed, at instants at which it stood still. */
  const screens: { at: Instant; frames: QueueFrame[] }[] = [];
  let centre: Centre;

  beforeAll(async () => {
    centre = await Centre.open(START);
    const chunk = 20 * 60_000;
    for (let from = START; from < END + LATE_MS; from += chunk) {
      const until = from + chunk;
      await centre.take(
        until,
        deliveries.filter(({ at }) => at >= from && at < until),
      );
      screens.push({ at: instant(centre.clock.now()), frames: [...centre.screen().values()] });
    }
  }, 240_000);
  afterAll(() => centre?.close());

  const lookAt = async (at: Instant): Promise<ReplayedWallboard['sites'][number]> => {
    const { sites } = await centre.history.at(ACME, at);
    const main = sites.find(({ site }) => site === 'main');
    if (!main) throw new Error('the site is missing');
    return main;
  };

  it('shows what the wallboard showed, also where late events tell otherwise today', async () => {
    let differences = 0;
    for (const { at, frames } of screens) {
      const { shown, then, differences: found } = await lookAt(at);
      expect(shown?.offset).toBe(Math.max(...frames.map(({ offset }) => offset)));
      expect(byQueue(then ?? [])).toEqual(byQueue(frames));
      differences += found?.length ?? 0;
    }
    expect(screens.some(({ frames }) => frames.some(({ waiting }) => waiting > 0))).toBe(true);
    expect(differences).toBeGreaterThan(0);
  });

  it('finds the position of frames in the midst of things', async () => {
    // A word that comes after its contact left memory is shown as it is until the facts are read back, a moment later.
    const late = new Set(
      deliveries
        .filter(({ event, at }) => at - Date.parse(event.time) > DEFAULT_FOLD.graceMs)
        .map(({ event }) => event.subject),
    );
    const announced = await centre.announced();
    let compared = 0;
    for (let n = 0; n < centre.frames.length; n += Math.ceil(centre.frames.length / 15)) {
      const frame = centre.frames[n] as QueueFrame;
      if (frame.oldest.some(({ contact }) => late.has(contact)) || !isAnnounced(frame, announced)) continue;
      const { shown, then } = await lookAt(instant(frame.at));
      if (shown?.offset !== frame.offset) continue;
      const replayed = then?.find(({ queue }) => queue === frame.queue);
      expect(replayed && present(replayed)).toEqual(present(frame));
      compared += 1;
    }
    expect(compared).toBeGreaterThan(1);
  });

  it('does not rewrite the past: neither with what comes later nor with a restart', async () => {
    const at = screens[2]?.at ?? instant(0);
    const before = await lookAt(at);
    await centre.processor.close();
    centre.clock.jump(centre.clock.now() + 60_000);
    await centre.start();
    const late = deliveries.slice(0, 200).map(({ event }, n) => ({
      event: { ...event, id: `again-${n}`, time: new Date(Date.parse(event.time) + 1_000).toISOString() },
    }));
    await centre.take(centre.clock.now(), late);
    expect((await lookAt(at)).then).toEqual(before.then);
    expect((await lookAt(instant(centre.clock.now()))).shown?.offset).toBeGreaterThan(before.shown?.offset ?? 0);
  });

  it('shows of the same instant what is known now: as if every event had come in time', async () => {
    const looks: { at: Instant; now: readonly ReplayedFrame[] }[] = [];
    for (const { at } of [screens[1], screens[4]].filter((screen) => screen !== undefined))
      looks.push({ at, now: (await lookAt(at)).now ?? [] });
    // The engine has one directory at a time.
    await centre.close();
    for (const { at, now } of looks) {
      const fresh = await Centre.open(at);
      try {
        const inTime = deliveries.filter(({ event }) => Date.parse(event.time) <= at);
        await fresh.take(at, [...new Map(inTime.map((each) => [each.event.id, each])).values()]);
        expect(byQueue(now)).toEqual(byQueue(fresh.screen().values()));
      } finally {
        await fresh.close();
      }
    }
  });
});
