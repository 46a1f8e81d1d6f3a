import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { verifyWebhook, webhookSecret } from '@queuecast/callbacks';

/** A message as the dialer got it. */
export interface DialerMessage {
  readonly id: string;
  readonly idempotencyKey: string;
  /** Whether it was signed with the dialer's secret, over this body. */
  readonly isSigned: boolean;
  readonly body: { readonly type: string; readonly data: Readonly<Record<string, unknown>> };
  /** What the dialer answered. */
  readonly status: number;
}

export const DIALER_SECRET = 'the secret of the dialer in the tests';

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
};

/** A dialer over HTTP, which keeps every message it gets and answers as it is told. */
export class Dialer {
  readonly messages: DialerMessage[] = [];
  private readonly watchers = new Set<() => void>();
  /** Statuses of the next answers; 204 when there are no more. */
  answers: number[] = [];

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Dialer> {
    const server = createServer();
    const dialer = new Dialer(server);
    server.on('request', (request, response) => {
      void dialer.take(request).then((status) => {
        response.statusCode = status;
        response.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return dialer;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/callbacks`;
  }

  /** Messages that it confirmed. */
  get confirmed(): DialerMessage[] {
    return this.messages.filter(({ status }) => status < 300);
  }

  /** Resolves when what it got fulfils the condition. */
  async got(condition: (messages: readonly DialerMessage[]) => boolean): Promise<void> {
    while (!condition(this.messages))
      await new Promise<void>((resolve) => {
        const look = (): void => {
          this.watchers.delete(look);
          resolve();
        };
        this.watchers.add(look);
      });
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async take(request: IncomingMessage): Promise<number> {
    const text = await bodyOf(request);
    const header = (name: string): string => String(request.headers[name] ?? '');
    const headers = {
      'webhook-id': header('webhook-id'),
      'webhook-timestamp': header('webhook-timestamp'),
      'webhook-signature': header('webhook-signature'),
    };
    const status = this.answers.shift() ?? 204;
    this.messages.push({
      id: headers['webhook-id'],
      idempotencyKey: header('idempotency-key'),
      isSigned: verifyWebhook(webhookSecret(DIALER_SECRET), headers, text, Date.now()),
      body: JSON.parse(text) as DialerMessage['body'],
      status,
    });
    for (const look of this.watchers) look();
    return status;
  }
}
