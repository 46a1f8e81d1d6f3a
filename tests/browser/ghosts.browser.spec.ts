import { describe, expect, it } from 'vitest';
import { Acd } from '../support/acd.js';
import { accessibilityFaults, browserTestsSkipped } from '../support/browser.js';
import { Product } from '../support/product.js';
import type { SettingsInput } from '../support/server.js';
import { ACME_KEY, twoTenants } from '../support/two-tenants.js';
import { TileReader } from '../support/wallboard.js';

const OVERTAKERS = 3;

interface Audit {
  readonly records: readonly { readonly contact: string; readonly what: string }[];
}

/** The supervisor is faster than the store. */
const settings = (): SettingsInput => {
  const both = twoTenants({ processor: { flushMs: 3_000 } });
  for (const queue of both.tenants?.[0]?.queues ?? []) queue.suspectOvertakenBy = OVERTAKERS;
  return both;
};

describe.skipIf(browserTestsSkipped)('contacts that the source forgot', { timeout: 180_000 }, () => {
  const product = Product.forTests(settings());
  const acd = new Acd({ tenant: 'acme' });

  it('are shown apart, and a supervisor says of each whether it is real', async () => {
    const board = await product.signIn(ACME_KEY);
    const { page } = board;
    const tile = new TileReader(page, 'support');
    const began = Date.now() - 300_000;
    await product.server.send(ACME_KEY, [
      acd.agent('anna', 'busy', ['support'], began),
      ...['forgotten', 'patient'].flatMap((contact) => acd.joins(contact, 'support', began)),
      ...Array.from({ length: OVERTAKERS }, (_, n) => `later-${n}`).flatMap((contact, n) => [
        ...acd.joins(contact, 'support', began + (n + 1) * 10_000),
        acd.answers(contact, 'anna', began + (n + 1) * 10_000 + 5_000),
        acd.ends(contact, began + (n + 1) * 10_000 + 8_000),
      ]),
      acd.heartbeat(),
    ]);
    await expect.poll(() => tile.tile.innerText()).toContain('2 suspected');
    await expect.poll(() => tile.figure('Waiting')).toBe('0');

    await tile.name.click();
    const details = page.getByRole('dialog', { name: 'Details of Technical support' });
    await details.getByRole('heading', { name: 'Suspected to be forgotten' }).waitFor();
    expect(await accessibilityFaults(page)).toEqual([]);
    await details.getByRole('button', { name: 'It is real patient' }).click();
    await expect.poll(() => tile.figure('Waiting')).toBe('1');
    await details.getByRole('button', { name: 'It is gone forgotten' }).click();
    await details.getByRole('heading', { name: 'Suspected to be forgotten' }).waitFor({ state: 'detached' });
    await page.keyboard.press('Escape');
    await expect.poll(() => tile.tile.innerText()).not.toContain('suspected');
    expect(await tile.figure('Waiting')).toBe('1');

    const told = async (contact: string): Promise<string[]> => {
      const answer = await product.server.fetch('/v1/ghosts', { headers: { authorization: `Bearer ${ACME_KEY}` } });
      const { records } = (await answer.json()) as Audit;
      return records.filter((record) => record.contact === contact).map(({ what }) => what);
    };
    await expect.poll(() => told('patient')).toEqual(['reinstated', 'suspected']);
    await expect.poll(() => told('forgotten')).toEqual(['presumed_gone', 'suspected']);
    expect(board.complaints()).toEqual([]);
  });
});
