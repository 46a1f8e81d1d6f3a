import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { NOON_ZONE } from './noon.js';

const PROGRAMS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/** Set by the test runner where no Chromium can be had; it says so, and counts. */
export const browserTestsSkipped = process.env['QUEUECAST_SKIP_BROWSER'] === '1';

export type VisitOptions = Pick<BrowserContextOptions, 'locale' | 'colorScheme' | 'viewport' | 'javaScriptEnabled'>;

/** Longest wait for an element or a page, as for everything that is polled: machines are noisy. */
const ELEMENT_MS = 60_000;

/** A real Chromium, headless. */
export class TestBrowser {
  private constructor(private readonly browser: Browser) {}

  /** @throws Error naming the remedy if there is no Chromium */
  static async launch(): Promise<TestBrowser> {
    const named = process.env['CHROMIUM_PATH'];
    for (const executablePath of named ? [named] : PROGRAMS) {
      try {
        // Containers and CI run as root, where Chromium's own sandbox cannot start.
        return new TestBrowser(await chromium.launch({ executablePath, args: ['--no-sandbox'] }));
      } catch (error) {
        if (!String(error).includes("doesn't exist")) throw error;
      }
    }
    throw new Error(
      `no Chromium at ${named ?? PROGRAMS.join(', ')}: install it (apt-get install chromium) or set CHROMIUM_PATH`,
    );
  }

  /** A visitor of his own: no cookies, nothing stored. */
  async visitor(options: VisitOptions = {}): Promise<Visitor> {
    const context = await this.browser.newContext({
      locale: 'en-GB',
      timezoneId: NOON_ZONE,
      viewport: { width: 1600, height: 900 },
      ...options,
    });
    context.setDefaultTimeout(ELEMENT_MS);
    return new Visitor(await context.newPage());
  }

  async close(): Promise<void> {
    await this.browser.close();
  }
}

/** One page, and everything about it that a user should never have to see. */
export class Visitor {
  private readonly heard: string[] = [];
  private readonly hosts = new Set<string>();

  constructor(readonly page: Page) {
    page.on('console', (message) => {
      // Violations of the content security policy are reported as errors on the console, too.
      if (message.type() === 'error' || message.type() === 'warning')
        this.heard.push(`${message.type()}: ${message.text()} ${message.location().url}`.trim());
    });
    page.on('pageerror', (error) => this.heard.push(`uncaught: ${error.stack ?? error.message}`));
    page.on('request', (request) => {
      const { protocol, host } = new URL(request.url());
      if (protocol !== 'data:' && protocol !== 'blob:') this.hosts.add(host);
    });
    page.on('websocket', (socket) => this.hosts.add(new URL(socket.url()).host));
  }

  /** Errors, warnings and policy violations so far, without those that the test provoked. */
  complaints(provoked: RegExp = /^$/): string[] {
    return this.heard.filter((complaint) => !provoked.test(complaint));
  }

  /** Hosts that the page has talked to. */
  get contacted(): string[] {
    return [...this.hosts].sort();
  }

  async leave(): Promise<void> {
    await this.page.context().close();
  }
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

interface AxeViolation {
  readonly id: string;
  readonly help: string;
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
}

/** What axe finds wrong with a page as it stands: a line for each element at fault. */
export const accessibilityFaults = async (page: Page): Promise<string[]> => {
  if (!(await page.evaluate<boolean>("'axe' in window"))) await page.evaluate(axeSource);
  const { violations } = await page.evaluate<{ readonly violations: readonly AxeViolation[] }>('axe.run()');
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ html, failureSummary }) => `${id}: ${help}: ${html}: ${failureSummary ?? ''}`),
  );
};
