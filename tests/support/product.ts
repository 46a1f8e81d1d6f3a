import { afterAll, afterEach, beforeAll } from 'vitest';
import { TestBrowser, type Visitor, type VisitOptions } from './browser.js';
import { ServerHome, type RunningServer, type SettingsInput } from './server.js';

/** The product and a browser for the tests of one `describe`; who visits it in a test leaves at its end. */
export class Product {
  home!: ServerHome;
  server!: RunningServer;
  private browser!: TestBrowser;
  private readonly visitors: Visitor[] = [];

  /** Starts both before the tests, and ends them after. @param settings without them the product runs as for a newcomer */
  static forTests(settings?: SettingsInput): Product {
    const product = new Product();
    beforeAll(async () => {
      product.home = await ServerHome.create(settings);
      [product.server, product.browser] = await Promise.all([product.home.start(), TestBrowser.launch()]);
    });
    afterEach(async () => {
      for (const visitor of product.visitors.splice(0)) await visitor.leave();
    });
    afterAll(async () => {
      await product.browser?.close();
      await product.home?.remove();
    });
    return product;
  }

  /** Ends the product as its operator would, and starts it again. */
  async restart(): Promise<void> {
    await this.server.terminate();
    this.server = await this.home.start();
  }

  /** A visitor with an empty page. */
  async visitor(options?: VisitOptions): Promise<Visitor> {
    const visitor = await this.browser.visitor(options);
    this.visitors.push(visitor);
    return visitor;
  }

  /** A visitor of an address, or of a path of the product. */
  async visit(address: string, options?: VisitOptions): Promise<Visitor> {
    const visitor = await this.visitor(options);
    await visitor.page.goto(new URL(address, this.server.origin).href);
    return visitor;
  }

  /** A link to the wallboard that nobody has used, as an operator asks for one. @throws Error if there is none to be had */
  async signInLink(key: string): Promise<string> {
    const headers = { Authorization: `Bearer ${key}` };
    const response = await this.server.fetch('/v1/sign-in-links', { method: 'POST', headers });
    if (response.status !== 201) throw new Error(`no link: ${response.status} ${await response.text()}`);
    return ((await response.json()) as { readonly path: string }).path;
  }

  /** A supervisor before the wallboard of the tenant of the key. */
  async signIn(key: string, options?: VisitOptions): Promise<Visitor> {
    const supervisor = await this.visit(await this.signInLink(key), options);
    await supervisor.page.locator('article.tile').first().waitFor();
    return supervisor;
  }
}
