import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Acd } from '../support/acd.js';
import { accessibilityFaults, browserTestsSkipped, TestBrowser, type Visitor } from '../support/browser.js';
import { ServerHome, type RunningServer } from '../support/server.js';
import { ACME_KEY, twoTenants } from '../support/two-tenants.js';
import { secondsOf, TileReader } from '../support/wallboard.js';

/** What the browser itself says about a server that is gone. */
const SERVER_GONE = /WebSocket connection to|ERR_CONNECTION_REFUSED|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/;
const CLOCK = String.raw`\d\d:\d\d:\d\d`;

describe.skipIf(browserTestsSkipped)('figures that cannot be believed', { timeout: 180_000 }, () => {
  let browser: TestBrowser;
  let home: ServerHome;
  let server: RunningServer;
  let board: Visitor;
  let tile: TileReader;
  let acd: Acd;

  beforeAll(async () => {
    browser = await TestBrowser.launch();
  });
  afterAll(() => browser?.close());
  afterEach(async () => {
    await board?.leave();
    await home?.remove();
  });

  const start = async (settings = twoTenants()): Promise<void> => {
    acd = new Acd({ tenant: 'acme' });
    home = await ServerHome.create(settings);
    server = await home.start();
    board = await browser.visitor();
    await board.page.goto(server.link('Acme Telecom'));
    tile = new TileReader(board.page, 'support');
  };

  /** Looks while the source sends heartbeats: it falls silent within seconds, and a look may take as long. */
  const whileHeard = async (look: () => Promise<void>): Promise<void> => {
    const looked = new AbortController();
    const beats = (async () => {
      while (!looked.signal.aborted) {
        await server.send(ACME_KEY, [acd.heartbeat()]);
        await pause(500);
      }
    })();
    await look().finally(() => looked.abort());
    await beats;
  };

  it('grey out and say why when the source falls silent; a heartbeat is enough to be believed again', async () => {
    await start(twoTenants({ processor: { sourceQuietSeconds: 1, sourceSilentSeconds: 4 } }));
    const publicPage = await browser.visitor();
    await publicPage.page.goto(`${server.origin}/t/acme`);
    const wait = publicPage.page.locator('queue-wait[tenant="acme"] [part="card"]');
    await expect.poll(() => tile.freshness.innerText()).toBe('Nothing heard from this source yet');
    expect(await tile.isStale()).toBe(true);

    await server.send(ACME_KEY, [...acd.joins('stuck', 'support'), acd.agent('anna', 'busy', ['support'])]);
    await whileHeard(async () => {
      await expect.poll(() => tile.figure('Waiting')).toBe('1');
      await expect.poll(() => tile.isStale()).toBe(false);
      await expect.poll(() => wait.innerText()).not.toContain('No figures are coming in');
    });

    await expect.poll(() => tile.isStale()).toBe(true);
    const since = await tile.freshness.innerText();
    expect(since).toMatch(new RegExp(`^Source silent since ${CLOCK}$`));
    expect(await tile.tile.innerText()).toContain('No figures');
    await expect.poll(() => wait.innerText()).toContain('No figures are coming in at the moment');
    expect(await accessibilityFaults(publicPage.page)).toEqual([]);
    // A wait that nobody vouches for does not count up.
    const frozen = await tile.figure('Longest wait');
    const clock = board.page.locator('time.clock');
    const before = await clock.innerText();
    await expect.poll(() => clock.innerText()).not.toBe(before);
    expect(await tile.figure('Longest wait')).toBe(frozen);

    await whileHeard(async () => {
      await expect.poll(() => tile.freshness.innerText()).toMatch(/^Quiet: source alive, last event/);
      expect(await tile.isStale()).toBe(false);
      expect(await tile.figure('Waiting')).toBe('1');
    });
    // Silent again, and since that heartbeat: the last event is longer ago.
    await expect.poll(() => tile.isStale()).toBe(true);
    expect(await tile.freshness.innerText()).toMatch(new RegExp(`^Source silent since ${CLOCK}$`));
    expect(await tile.freshness.innerText()).not.toBe(since);
    expect([...board.complaints(), ...publicPage.complaints()]).toEqual([]);
    await publicPage.leave();
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)(
    'say since when the connection is lost after %s, and come back the same after a restart',
    async (signal) => {
      await start();
      await server.send(ACME_KEY, [
        acd.agent('anna', 'available', ['support']),
        ...acd.joins('patient', 'support', Date.now() - 30_000),
        ...acd.joins('served', 'support', Date.now() - 20_000),
        acd.answers('served', 'anna', Date.now() - 10_000),
        acd.agent('anna', 'busy', ['support']),
        ...acd.joins('gone', 'support', Date.now() - 15_000),
        acd.leaves('gone', 'abandoned', Date.now() - 5_000),
      ]);
      const figures = async (): Promise<Record<string, string>> => ({
        waiting: await tile.figure('Waiting'),
        answered: await tile.figure('Answered'),
        abandoned: await tile.figure('Abandoned'),
        serviceLevel: await tile.tile.locator('.level-figure').innerText(),
        agents: (await tile.tile.innerText()).match(/\d+\s*Busy/)?.[0] ?? '',
      });
      await expect.poll(figures).toMatchObject({ waiting: '1', answered: '1', abandoned: '1' });
      const before = await figures();

      server.signal(signal);
      await server.ended();
      const banner = board.page.getByRole('alert');
      await expect.poll(() => banner.innerText()).toMatch(new RegExp(`^Connection lost since ${CLOCK}`));
      expect(await tile.isStale()).toBe(true);
      expect(await tile.freshness.innerText()).toMatch(new RegExp(`^Connection lost since ${CLOCK}$`));
      expect(await figures()).toEqual(before);
      const frozen = secondsOf(await tile.figure('Longest wait'));

      server = await home.start();
      await expect.poll(() => banner.isVisible()).toBe(false);
      await expect.poll(() => tile.isStale()).toBe(false);
      await expect.poll(figures).toEqual(before);
      await expect.poll(async () => secondsOf(await tile.figure('Longest wait'))).toBeGreaterThan(frozen);

      await server.send(ACME_KEY, [acd.answers('patient', 'anna')]);
      await expect.poll(figures).toMatchObject({ waiting: '0', answered: '2', abandoned: '1' });
      expect(board.complaints(SERVER_GONE)).toEqual([]);
    },
  );
});
