import type { CDPSession, Page } from 'playwright-core';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { Acd } from '../support/acd.js';
import { accessibilityFaults, browserTestsSkipped, type Visitor } from '../support/browser.js';
import { Product } from '../support/product.js';
import type { SettingsInput } from '../support/server.js';
import { ACME_KEY, GLOBEX_KEY, twoTenants } from '../support/two-tenants.js';

const HOUR = 3_600_000;
const WEEK = 168 * HOUR;
const MOST_BYTES = 100 * 1024;
const LANGUAGES = ['en', 'fr', 'nl', 'de'] as const;
const acd = new Acd({ tenant: 'acme' });

/** Both tenants call back whoever asks; one of them wants a proof of work. */
const settings = (): SettingsInput => {
  const both = twoTenants();
  for (const tenant of both.tenants ?? [])
    for (const queue of tenant.queues ?? []) queue.callbacks = { offer: 'always', perHour: 100 };
  both.tenants![0]!.callbacks = { perAddressPerHour: 1000 };
  both.tenants![1]!.callbacks = { proofOfWorkBits: 12 };
  return both;
};

/** What calls waited in the hours to come, in each of the last three weeks: what an outlook is learnt from. */
const history = (queue: string): ReturnType<Acd['joins']>[] =>
  [1, 2, 3].map((week) =>
    Array.from({ length: 6 * 12 }, (_, n) => {
      const joined =
        Math.floor(Date.now() / HOUR) * HOUR - week * WEEK + Math.floor(n / 12) * HOUR + (n % 12) * 240_000;
      const [call, answered] = [`week-${week}-${n}`, joined + (n < 24 ? 11 : 9) * 60_000];
      return [...acd.joins(call, queue, joined), acd.answers(call, 'old', answered), acd.ends(call, answered + 60_000)];
    }).flat(),
  );

/** Presses Tab until the focus is on something that the reader would look for by this name. */
const tabTo = async (page: Page, name: RegExp): Promise<void> => {
  for (let stop = 0; stop < 60; stop += 1) {
    await page.keyboard.press('Tab');
    const reached = await page.evaluate<string>(`(() => {
      const outer = document.activeElement;
      const focused = outer?.shadowRoot?.activeElement ?? outer;
      return focused?.labels?.[0]?.textContent || focused?.textContent || '';
    })()`);
    if (name.test(reached)) return;
  }
  throw new Error(`the keyboard does not lead to ${String(name)}`);
};

const WATCH_SHIFTS = `
  window.shifts = [];
  new PerformanceObserver((list) => {
    for (const { value, sources } of list.getEntries())
      window.shifts.push(JSON.stringify([value, sources.map(({ previousRect, currentRect }) => [previousRect, currentRect])]));
  }).observe({ type: 'layout-shift', buffered: true });`;

describe.skipIf(browserTestsSkipped)('the public page', { timeout: 180_000 }, () => {
  const product = Product.forTests(settings());

  beforeAll(async () => {
    for (const batch of history('support')) await product.server.send(ACME_KEY, batch);
    await vi.waitUntil(async () => (await offered()) === 3 * 72, { timeout: 60_000 });
    // The history of waits is read at the start.
    await product.restart();
    await vi.waitUntil(
      async () => (await (await product.server.fetch('/t/acme')).text()).includes('Expected wait by hour'),
      {
        timeout: 60_000,
      },
    );
    await product.server.send(ACME_KEY, [acd.heartbeat(), acd.agent('anna', 'busy', ['support'])]);
  });

  /** How many calls the facts know. */
  const offered = async (): Promise<number> => {
    const query = new URLSearchParams({
      from: new Date(Date.now() - 4 * WEEK).toISOString(),
      to: new Date().toISOString(),
      queue: 'support',
      grain: 'total',
      metrics: 'offered',
    });
    const answer = await product.server.fetch(`/v1/reports/intervals?${query.toString()}`, {
      headers: { Authorization: `Bearer ${ACME_KEY}` },
    });
    const { rows } = (await answer.json()) as { readonly rows: readonly { readonly values: { offered: number } }[] };
    return rows.reduce((sum, { values }) => sum + values.offered, 0);
  };
  const card = (page: Page) => page.locator('queue-wait[queue="support"] [part="card"]');
  const fill = async (page: Page, number: string): Promise<void> => {
    await page.getByLabel('Your telephone number').fill(number);
    await page.getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Call me back' }).click();
  };

  it('is there with less than 100 KiB, of which the figures come with the first document', async () => {
    const { page } = await product.visitor();
    const network: CDPSession = await page.context().newCDPSession(page);
    await network.send('Network.enable');
    const transferred: number[] = [];
    network.on('Network.loadingFinished', ({ encodedDataLength }) => transferred.push(encodedDataLength));
    const response = await page.goto(`${product.server.origin}/t/acme`, { waitUntil: 'networkidle' });
    expect(await response?.text()).toMatch(/Technical support.*Expected wait by hour/s);
    const total = transferred.reduce((sum, bytes) => sum + bytes, 0);
    console.log(
      `the public page with everything on it: ${(total / 1024).toFixed(1)} KiB in ${transferred.length} answers`,
    );
    expect(transferred.length).toBeGreaterThan(3);
    expect(total).toBeLessThan(MOST_BYTES);
  });

  describe('moves nothing when scripts take over nor when figures change', () => {
    const watched = async (path: string): Promise<readonly Visitor[]> => {
      const watching = await Promise.all(
        [1280, 320].map((width) => product.visitor({ viewport: { width, height: 800 } })),
      );
      for (const { page } of watching) {
        await page.addInitScript(WATCH_SHIFTS);
        await page.goto(`${product.server.origin}${path}`, { waitUntil: 'networkidle' });
      }
      return watching;
    };
    const say = async (watching: readonly Visitor[], expected: RegExp): Promise<void> => {
      for (const { page } of watching)
        await expect.poll(() => card(page).locator('[part~="wait"]').innerText()).toMatch(expected);
    };
    const shiftsOf = (watching: readonly Visitor[]): Promise<string[][]> =>
      Promise.all(watching.map(({ page }) => page.evaluate<string[]>('window.shifts')));

    it('from a reason to a band, and back', async () => {
      const globex = new Acd({ tenant: 'globex' });
      const watching = await watched('/t/globex');
      for (const batch of globex.callsThatWaited(10, 'support', 'bob')) await product.server.send(GLOBEX_KEY, batch);
      await say(watching, /About\s+\d+\s+to\s+\d+/);
      await product.server.send(GLOBEX_KEY, [globex.agent('bob', 'away', ['support'])]);
      await say(watching, /^Nobody is answering at the moment$/);
      expect(await shiftsOf(watching)).toEqual([[], []]);
      expect(watching.flatMap((visiting) => visiting.complaints())).toEqual([]);
    });

    it('from open to closed, beside what to expect by the hour', async () => {
      const watching = await watched('/t/acme');
      await product.server.send(ACME_KEY, [acd.event('acd.queue.closed', null, { queue: 'support' })]);
      await say(watching, /^Closed at the moment$/);
      await product.server.send(ACME_KEY, [acd.event('acd.queue.opened', null, { queue: 'support' })]);
      await say(watching, /^(?!Closed)/);
      expect(await shiftsOf(watching)).toEqual([[], []]);
      expect(watching.flatMap((visiting) => visiting.complaints())).toEqual([]);
    });
  });

  it.each([
    ['320 pixels', { viewport: { width: 320, height: 640 } }],
    // What is left of 1280 pixels at 200 %.
    ['200 %', { viewport: { width: 640, height: 400 } }],
  ])('is wide enough for everything at %s', async (_, options) => {
    const { page } = await product.visit('/t/acme?queue=support', options);
    const overflow = (): Promise<number> =>
      page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
    await page.getByText('The figures as a table').click();
    await card(page).locator('summary').click();
    expect(await overflow()).toBe(0);
    await fill(page, '12');
    await page.locator('#number-error').waitFor();
    expect(await overflow()).toBe(0);
    await fill(page, '0470 12 34 50');
    await page.getByText('Cancel the call', { exact: true }).click();
    expect(await overflow()).toBe(0);
    await page.evaluate('document.documentElement.style.fontSize = "200%"');
    expect(await overflow()).toBe(0);
  });

  it('is used with the keyboard alone: asks for a call back, sees it, cancels it', async () => {
    const { page } = await product.visit('/t/acme');
    await tabTo(page, /^Ask for a call back$/);
    await page.keyboard.press('Enter');
    await page.waitForURL(/queue=support/);
    await tabTo(page, /^Your telephone number$/);
    await page.keyboard.type('0470 12 34 51');
    await tabTo(page, /^When shall we call/);
    await page.keyboard.press('ArrowDown');
    await tabTo(page, /^I agree/);
    await page.keyboard.press('Space');
    await tabTo(page, /^Call me back$/);
    await page.keyboard.press('Enter');
    await page.getByText(/We will call you (today|tomorrow), \d\d:\d\d–\d\d:\d\d\./).waitFor();
    await tabTo(page, /^Cancel the call$/);
    await page.keyboard.press('Enter');
    await tabTo(page, /^Yes, cancel the call$/);
    await page.keyboard.press('Enter');
    await page.getByText('You cancelled the call today').waitFor();
    expect(page.url()).toContain(`${product.server.origin}/callbacks/`);
  });

  it('does all of it without scripts, in another language by a link', async () => {
    const visiting = await product.visit('/t/acme', { javaScriptEnabled: false });
    const { page } = visiting;
    expect(await page.locator('noscript').innerText()).toContain('Scripts are off');
    expect(await card(page).innerText()).toContain('Technical support');
    expect(await card(page).locator('[part="pause"]').isVisible()).toBe(false);
    await page.getByRole('link', { name: 'Nederlands' }).click();
    await page.getByRole('heading', { level: 1, name: 'Wachttijden bij Acme Telecom' }).waitFor();
    await card(page).getByRole('link', { name: 'Vraag om teruggebeld te worden' }).click();
    const number = page.getByLabel('Uw telefoonnummer');
    await number.fill('0470');
    await page.getByRole('button', { name: 'Bel mij terug' }).click();
    await page.locator('#number-error').getByText('Dit is geen telefoonnummer').waitFor();
    expect(await number.inputValue()).toBe('0470');
    await number.fill('0470 12 34 52');
    await page.getByRole('checkbox').check();
    await page.getByRole('button', { name: 'Bel mij terug' }).click();
    await page.getByText('We bellen u uiterlijk morgen').waitFor();
    await page.getByRole('button', { name: 'Verplaats de oproep' }).click();
    await page.getByText(/We bellen u (vandaag|morgen), /).waitFor();
    await page.getByText('Annuleer de oproep', { exact: true }).click();
    await page.getByRole('button', { name: 'Ja, annuleer de oproep' }).click();
    await page.getByText('U hebt de oproep vandaag').waitFor();
    await page.getByRole('link', { name: 'Wachttijden bij Acme Telecom' }).click();
    await card(page).waitFor();
    expect(visiting.complaints(/400 \(Bad Request\)/)).toEqual([]);
    expect(visiting.contacted).toEqual([new URL(product.server.origin).host]);
    expect(await page.context().cookies()).toEqual([]);
  });

  it('has the browser solve the puzzle of a tenant that asks for one', async () => {
    const visiting = await product.visit('/t/globex?queue=support#callback');
    await fill(visiting.page, '0470 12 34 53');
    await visiting.page.getByText('We will call you tomorrow').waitFor();
    expect(visiting.complaints()).toEqual([]);
  });

  it.each(LANGUAGES)('has no fault that axe knows, from the queues to the promise: %s', async (lang) => {
    const { page } = await product.visit(`/t/acme?queue=support&lang=${lang}`);
    const faults = async (): Promise<string[]> => {
      const found: string[] = [];
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        found.push(...(await accessibilityFaults(page)).map((fault) => `${colorScheme}: ${fault}`));
      }
      return found;
    };
    expect(await page.evaluate('document.documentElement.lang')).toMatch(new RegExp(`^${lang}\\b`));
    await page.locator('.behind summary').click();
    await card(page).locator('summary').click();
    expect(await faults()).toEqual([]);
    await page.locator('form button').click();
    await page.locator('#number-error').waitFor();
    expect(await faults()).toEqual([]);
    await page.locator('#number').fill(`0470 12 36 ${10 + LANGUAGES.indexOf(lang)}`);
    await page.getByRole('checkbox').check();
    await page.locator('form button').click();
    await page.locator('.confirm summary').click();
    expect(await faults()).toEqual([]);
  });

  it('is not there for a tenant that does not exist, and says so in the language of the visitor', async () => {
    const { page } = await product.visit('/t/nobody', { locale: 'fr-BE' });
    await page.getByText('Il n’y a pas de temps d’attente à cette adresse').waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
  });
});
