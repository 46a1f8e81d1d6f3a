import { createHash } from 'node:crypto';
import type { CloudEvent } from '@queuecast/events';
import { describe, expect, it } from 'vitest';
import { centreOf, Simulation } from '../../apps/simulator/src/index.js';
import { browserTestsSkipped } from '../support/browser.js';
import { NOON_ZONE } from '../support/noon.js';
import { Product } from '../support/product.js';

const KEY = 'key-of-the-cable-break';
const AUTHORIZED = { Authorization: `Bearer ${KEY}` };
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const TUESDAY = Date.parse('2026-03-03T00:00:00Z');
/** When the cable breaks in the scenario, and how much of what follows is told. */
const BREAK = TUESDAY + 10 * HOUR;
const AFTER_MS = 8 * MINUTE;
const AT_ONCE = 2_000;
/** A morning takes a processor seconds, but not where it gets little of a processor's time. */
const SLOW = { timeout: 240_000 };
const QUEUE = 'technical';

/** The morning of the scenario, moved so that its last event is of now. */
const morning = (): { readonly before: CloudEvent[]; readonly after: CloudEvent[] } => {
  const end = BREAK + AFTER_MS;
  const model = centreOf('cable-break', { start: TUESDAY, end: TUESDAY + 24 * HOUR, timeZone: 'UTC' });
  const simulation = new Simulation({
    scenario: 'cable-break',
    model,
    seed: 'the public page',
    start: TUESDAY + 8 * HOUR,
    end,
    tenant: 'lumina',
    site: 'main',
    books: false,
  });
  const moved = Date.now() - end;
  const now = (event: CloudEvent): CloudEvent =>
    JSON.parse(
      JSON.stringify(event).replace(/"(\d{4}-\d\d-\d\dT[\d:.]+Z)"/g, (_, time: string) =>
        JSON.stringify(new Date(Date.parse(time) + moved).toISOString()),
      ),
    ) as CloudEvent;
  const all = [...simulation].map(({ event }) => event);
  const calm = calmBefore(all, new Date(BREAK).toISOString());
  return { before: all.slice(0, calm).map(now), after: all.slice(calm).map(now) };
};

/**
 * How many events there are up to the last moment before the break in which nobody waits: those who did would seem to have
 * waited for as long as the rest of the morning takes to be sent.
 */
const calmBefore = (events: readonly CloudEvent[], time: string): number => {
  const waiting = new Set<string>();
  let calm = 0;
  events.every(({ type, subject = '', data, time: at }, n) => {
    if (type === 'acd.contact.queued' && (data as { readonly queue: string }).queue === QUEUE) waiting.add(subject);
    if (['acd.contact.answered', 'acd.contact.left_queue', 'acd.contact.ended'].includes(type)) waiting.delete(subject);
    if (waiting.size === 0) calm = n + 1;
    return at < time;
  });
  return calm;
};

interface Figures {
  readonly rows: readonly { readonly values: Readonly<Record<string, number | null>> }[];
}

describe.skipIf(browserTestsSkipped)('the day the cable breaks', { timeout: 600_000 }, () => {
  const product = Product.forTests({
    processor: { flushMs: 200, sourceSilentSeconds: 3_600 },
    tenants: [
      {
        id: 'lumina',
        name: 'Lumina Telecom',
        timeZone: NOON_ZONE,
        queues: [
          {
            id: QUEUE,
            name: { en: 'Technical support', nl: 'Technische hulp' },
            public: true,
            callbacks: { offer: 'always', perHour: 1000 },
          },
        ],
        apiKeys: [
          { name: 'acd', sha256: createHash('sha256').update(KEY).digest('hex'), scopes: ['ingest', 'reports'] },
        ],
      },
    ],
  });

  const play = async (events: readonly CloudEvent[]): Promise<void> => {
    for (let n = 0; n < events.length; n += AT_ONCE) {
      const sent = await product.server.send(KEY, events.slice(n, n + AT_ONCE));
      expect(sent.rejected).toBe(0);
    }
  };

  /** How many events the processor has seen. */
  const seen = async (): Promise<number> => {
    const metrics = await (await product.server.fetch('/metrics')).text();
    const counts = [...metrics.matchAll(/^queuecast_processor_records_total\S* (\d+)$/gm)];
    return counts.reduce((sum, [, count]) => sum + Number(count), 0);
  };

  /** The promise ledger of the day. */
  const ledger = async (): Promise<Record<string, number>> => {
    const classes = ['promised', 'open', 'kept', 'late', 'broken', 'cancelled'];
    const query = new URLSearchParams({
      from: new Date(Date.now() - 24 * HOUR).toISOString(),
      to: new Date(Date.now() + HOUR).toISOString(),
      grain: 'total',
    });
    for (const name of classes) query.append('metrics', `callbacks_${name}`);
    const answer = await product.server.fetch(`/v1/reports/callbacks?${query.toString()}`, { headers: AUTHORIZED });
    const { rows } = (await answer.json()) as Figures;
    return Object.fromEntries(
      classes.map((name) => [name, rows.reduce((sum, { values }) => sum + (values[`callbacks_${name}`] ?? 0), 0)]),
    );
  };

  it('visitors see it on the open page, and the notice that the supervisor posts, and can be called back', async () => {
    const { before, after } = morning();
    await play(before);
    const visitor = await product.visit('/t/lumina', { viewport: { width: 1100, height: 1000 } });
    const { page } = visitor;
    const card = page.locator('queue-wait [part="card"]');
    const wait = card.locator('[part="wait"]');
    await expect.poll(() => card.getAttribute('data-kind'), SLOW).toBe('band');
    const usual = (await wait.innerText()).replace(/\s+/g, ' ');
    const supervisor = await product.signIn(KEY);

    await play(after);
    const broken = Date.now();
    await expect.poll(async () => (await wait.innerText()).replace(/\s+/g, ' ')).not.toBe(usual);
    const figureMs = Date.now() - broken;
    const unusual = (): Promise<boolean> =>
      wait.innerText().then((text) => {
        const numbers = [...text.matchAll(/\d+/g)].map(Number);
        const most = Math.max(0, ...[...usual.matchAll(/\d+/g)].map(Number));
        return numbers.length === 0 || Math.max(...numbers) > most;
      });
    await expect.poll(unusual).toBe(true);
    const surge = (await wait.innerText()).replace(/\s+/g, ' ');

    // Minutes were sent at one go; a supervisor has them one after the other.
    await expect.poll(seen, SLOW).toBeGreaterThanOrEqual(before.length + after.length);
    await supervisor.page.getByRole('button', { name: 'Notices' }).click();
    const dialog = supervisor.page.getByRole('dialog', { name: 'Notices to customers' });
    await dialog.getByRole('button', { name: 'Post a notice' }).click();
    await dialog.getByLabel('All queues').check();
    await dialog.getByLabel('English').fill('A cable is broken in your region. There is no need to call.');
    await dialog.getByLabel('Disruption').check();
    await dialog.getByRole('button', { name: 'Publish' }).click();
    const posted = Date.now();
    await card.getByText('A cable is broken in your region').waitFor();
    console.log(
      `the open page went from "${usual}" to "${surge}" ${figureMs} ms after ${after.length} events were taken, ` +
        `and had the notice ${Date.now() - posted} ms after it was published`,
    );

    await card.getByRole('link', { name: 'Ask for a call back' }).click();
    await page.getByLabel('Your telephone number').fill('0470 12 34 56');
    await page.getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Call me back' }).click();
    await page.getByText('We will call you').waitFor();
    const earlier = await ledger();
    await page.getByText('Cancel the call', { exact: true }).click();
    await page.getByRole('button', { name: 'Yes, cancel the call' }).click();
    await page.getByText('You cancelled the call').waitFor();
    await expect.poll(async () => (await ledger())['cancelled']).toBe((earlier['cancelled'] ?? 0) + 1);
    const { promised, open, kept, late, broken: missed, cancelled } = await ledger();
    console.log(
      `promised ${promised} = open ${open} + kept ${kept} + late ${late} + broken ${missed} + cancelled ${cancelled}`,
    );
    expect(promised).toBeGreaterThan(0);
    expect(promised).toBe(open! + kept! + late! + missed! + cancelled!);
    expect([...visitor.complaints(), ...supervisor.complaints()]).toEqual([]);
  });
});
