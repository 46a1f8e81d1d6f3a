import { createServer, type Server as HttpServer } from 'node:http';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import type { PublicQueue } from '@queuecast/live';
import { Server } from 'socket.io';

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.woff2': 'font/woff2',
};

/**
 * What the element needs of a gateway, with documents that stand still: pictures of every state at one instant, the same
 * whenever they are taken. The element itself is the built one.
 */
export class Stage {
  private constructor(
    private readonly http: HttpServer,
    private readonly io: Server,
    readonly origin: string,
  ) {}

  /**
   * @param pages by path, HTML
   * @param now what the server's clock says
   */
  static async open(
    documents: readonly PublicQueue[],
    pages: ReadonlyMap<string, string>,
    now: number,
  ): Promise<Stage> {
    const script = readFileSync('dist/web/element/queue-wait.js');
    const bodies = new Map(documents.map((document) => [document.queue, JSON.stringify(document)]));
    const http = createServer((request, response) => {
      const path = new URL(request.url ?? '/', 'http://stage').pathname;
      const json = bodies.get(/\/queues\/(.+)\.json$/.exec(path)?.[1] ?? '');
      const page = pages.get(path);
      const asset = /^\/assets\/[\w.-]+$/.test(path) && `dist/web${path}`;
      const [type, body] = path.endsWith('queue-wait.js')
        ? ['text/javascript', script]
        : asset && existsSync(asset)
          ? [TYPES[asset.slice(asset.lastIndexOf('.'))] ?? 'application/octet-stream', readFileSync(asset)]
          : page === undefined
            ? ['application/json', json]
            : ['text/html; charset=utf-8', page];
      response.setHeader('Date', new Date(now).toUTCString());
      response.writeHead(body === undefined ? 404 : 200, { 'Content-Type': type });
      response.end(body ?? '{}');
    });
    const io = new Server(http);
    io.of('/public');
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    return new Stage(http, io, `http://127.0.0.1:${(http.address() as AddressInfo).port}`);
  }

  /** Every connection drops, and none comes about again. */
  async close(): Promise<void> {
    await this.io.close();
    this.http.closeAllConnections();
  }
}
