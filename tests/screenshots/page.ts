import { mkdirSync, readFileSync, statSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import type { CreatePages, PageVisit } from '@queuecast/live';
import { TestBrowser } from '../support/browser.js';
import { NOW } from './documents.js';
import { callbackPage, filledForm, tenantPage } from './page-model.js';
import { Stage } from './stage.js';

const DIRECTORY = process.argv[2] ?? 'docs/images/page';
const built = resolve('dist/web/server/page.mjs');
const { createPages } = (await import(pathToFileURL(built).href)) as { readonly createPages: CreatePages };
const pages = createPages(readFileSync('dist/web/page.html', 'utf8'));

const visit = (lang: string): PageVisit => ({ wanted: [lang], path: '/t/stage', query: {}, now: NOW });
const html = new Map(
  ['en-GB', 'fr', 'nl', 'de'].flatMap((lang) => [
    [`/t/${lang}`, pages.tenant(visit(lang), tenantPage)],
    [`/form/${lang}`, pages.tenant(visit(lang), { ...tenantPage, form: filledForm })],
    [`/status/${lang}`, pages.callback(visit(lang), callbackPage)],
  ]),
);

const SHOTS = [
  { name: 'tenant', path: '/t/en-GB', width: 1280 },
  { name: 'tenant-dark', path: '/t/nl', width: 1280, colorScheme: 'dark' },
  { name: 'tenant-narrow', path: '/t/de', width: 320 },
  { name: 'form-error', path: '/form/en-GB', width: 1280 },
  { name: 'status', path: '/status/en-GB', width: 900 },
] as const;

mkdirSync(DIRECTORY, { recursive: true });
const browser = await TestBrowser.launch();
const stage = await Stage.open(
  tenantPage.queues.map(({ document }) => document),
  html,
  NOW,
);
for (const { name, path, width, ...options } of SHOTS) {
  const { page } = await browser.visitor({ viewport: { width, height: 400 }, ...options });
  await page.clock.setFixedTime(NOW);
  await page.goto(`${stage.origin}${path}`, { waitUntil: 'networkidle' });
  await page.screenshot({ path: `${DIRECTORY}/${name}.png`, fullPage: true });
  console.log(`${name}: ${Math.round(statSync(`${DIRECTORY}/${name}.png`).size / 1024)} KiB`);
  await page.context().close();
}
await stage.close();
await browser.close();
