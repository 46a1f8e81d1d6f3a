import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** A website of somebody else: one page, at an origin that is not the product's. */
export class Website {
  private constructor(
    private readonly server: Server,
    readonly origin: string,
  ) {}

  static async serve(page: string): Promise<Website> {
    const server = createServer(({ url }, response) => {
      response.writeHead(url === '/' ? 200 : 204, { 'Content-Type': 'text/html; charset=utf-8' });
      response.end(url === '/' ? page : '');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    // Another name than the product's address, so that it is another site to the browser, not only another port.
    return new Website(server, `http://localhost:${(server.address() as AddressInfo).port}`);
  }

  close(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }
}
