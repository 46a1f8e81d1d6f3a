import { mkdirSync, statSync } from 'node:fs';
import { TestBrowser } from '../support/browser.js';
import { DOCUMENTS, NOW } from './documents.js';
import { SHEETS } from './sheets.js';
import { Stage } from './stage.js';

const DIRECTORY = 'docs/images/element';
/** The element greys a figure a minute after the connection dropped. */
const STALE_AFTER_MS = 75_000;

/** While a document is on its way, the element says so with three dots. */
const ALL_SHOWN = `document.fonts.status === 'loaded' &&
  [...document.querySelectorAll('queue-wait')].every(({ shadowRoot }) => !shadowRoot.textContent.includes('…'))`;

mkdirSync(DIRECTORY, { recursive: true });
const browser = await TestBrowser.launch();
for (const { name, width, html } of SHEETS) {
  const stage = await Stage.open(DOCUMENTS, new Map([['/', html]]), NOW);
  const { page } = await browser.visitor({ viewport: { width, height: 200 } });
  await page.clock.setFixedTime(NOW);
  await page.goto(stage.origin);
  await page.waitForFunction(ALL_SHOWN);
  if (name === 'stale') {
    await stage.close();
    await page
      .getByText(/No connection/)
      .first()
      .waitFor();
    await page.clock.setFixedTime(NOW + STALE_AFTER_MS);
    await page.locator('[data-stale]').first().waitFor();
  }
  const path = `${DIRECTORY}/${name}.png`;
  await page.screenshot({ path, fullPage: true });
  console.log(`${path}: ${Math.round(statSync(path).size / 1024)} KiB`);
  await page.context().close();
  await stage.close();
}
await browser.close();
