import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Acd } from '../support/acd.js';
import { accessibilityFaults, browserTestsSkipped } from '../support/browser.js';
import { NOON_ZONE } from '../support/noon.js';
import { Product } from '../support/product.js';
import { ACME_KEY, twoTenants } from '../support/two-tenants.js';
import { TileReader } from '../support/wallboard.js';

const acd = new Acd({ tenant: 'acme' });

describe.skipIf(browserTestsSkipped)('looking back on the wallboard', { timeout: 240_000 }, () => {
  const product = Product.forTests(twoTenants());
  /** An instant at which one contact waited, and nobody knew yet that another one did. */
  let between = 0;

  /** As the field for date and time has it, in the browser's zone. */
  const localText = (at: number): string =>
    new Intl.DateTimeFormat('sv-SE', { timeZone: NOON_ZONE, dateStyle: 'short', timeStyle: 'medium' })
      .format(at)
      .replace(' ', 'T');

  const tellTheStory = async (support: TileReader): Promise<void> => {
    await product.server.send(ACME_KEY, acd.joins('early', 'support', Date.now() - 60_000));
    await expect.poll(() => support.figure('Waiting')).toBe('1');
    await pause(3_000);
    between = Date.now();
    await pause(2_000);
    await product.server.send(ACME_KEY, acd.joins('told-late', 'support', Date.now() - 120_000));
    await expect.poll(() => support.figure('Waiting')).toBe('2');
    // Played at its own pace, a frame comes every two seconds.
    await pause(6_000);
    await product.server.send(ACME_KEY, [acd.answers('early', 'anna'), acd.ends('early')]);
    await expect.poll(() => support.figure('Waiting')).toBe('1');
    await pause(2_000);
  };

  it('shows what was shown then and what is known now, plays on by its own clock, and comes back to live', async () => {
    const visitor = await product.signIn(ACME_KEY);
    const { page } = visitor;
    const support = new TileReader(page, 'support');
    await tellTheStory(support);
    await page.getByRole('button', { name: 'Look back' }).click();
    const bar = page.getByRole('region', { name: 'Replay' });
    await bar.getByText('You are looking at the past').waitFor();

    await page.getByLabel('Date and time').fill(localText(between));
    await page.keyboard.press('Tab');
    await expect.poll(() => support.figure('Waiting')).toBe('1');
    expect(await support.figure('New caller waits')).toBe('not kept');
    expect(await accessibilityFaults(page)).toEqual([]);
    // What is known now would give away what came after.
    await support.name.click();
    const details = page.getByRole('dialog', { name: 'Details of' });
    await details.getByRole('heading', { name: 'Waiting longest' }).waitFor();
    expect(await details.getByRole('heading', { name: /Now and before|Expected wait/ }).count()).toBe(0);
    await details.getByRole('button', { name: 'Close' }).click();

    // The other contact joined two minutes before: known today, not then.
    await page.getByText('As known now').click();
    await expect.poll(() => support.figure('Waiting')).toBe('2');
    await page.getByText('As shown then').click();
    await expect.poll(() => support.figure('Waiting')).toBe('1');

    await page.getByLabel('Speed').selectOption('1');
    await page.getByRole('button', { name: 'Play' }).click();
    await expect.poll(() => support.figure('Waiting')).toBe('2');
    const clock = Date.parse((await bar.locator('time').getAttribute('datetime')) ?? '');
    expect(clock).toBeGreaterThan(between);
    expect(clock).toBeLessThan(Date.now());
    // At the end of what there is, it stands.
    await page.getByLabel('Speed').selectOption('600');
    await page.getByRole('button', { name: 'Play' }).waitFor();

    await page.getByRole('button', { name: 'Back to live' }).click();
    await page.getByText('Live', { exact: true }).waitFor();
    await support.name.click();
    await details.getByRole('heading', { name: 'Now and before' }).waitFor();
    await page.keyboard.press('Escape');
    expect(await bar.count()).toBe(0);
    await expect.poll(() => support.figure('Waiting')).toBe('1');
    // The first look goes back a quarter of an hour, to before this server had any events.
    expect(visitor.complaints(/status of 400/)).toEqual([]);
  });

  it('says from when on there is something to show', async () => {
    const { page } = await product.signIn(ACME_KEY);
    await page.getByRole('button', { name: 'Look back' }).click();
    await page.getByLabel('Date and time').fill('2020-02-02T10:00:01');
    await page.keyboard.press('Tab');
    const told = page.getByRole('alert').filter({ hasText: 'Cannot be shown' });
    await expect.poll(() => told.textContent()).toContain('where the archive begins');
    await page.getByRole('button', { name: 'Back to live' }).click();
  });
});
