import { lookup } from 'node:dns';
import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';

export interface WebhookPost {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Which addresses a name may lead to; all if absent. */
  readonly mayReach?: (address: string) => boolean;
  readonly signal: AbortSignal;
}

/** Resolves a name for one connection, and refuses it if any of its addresses is refused: what is connected to was checked. */
const guardedLookup =
  (mayReach: (address: string) => boolean): NonNullable<RequestOptions['lookup']> =>
  (host, options, done) => {
    lookup(host, { ...options, all: true }, (error, addresses) => {
      if (error) return done(error, []);
      const refused = addresses.find(({ address }) => !mayReach(address));
      const [first] = addresses;
      if (refused) return done(new Error(`${host} leads to ${refused.address}, which is not a public address`), []);
      if (!first) return done(new Error(`${host} has no address`), []);
      return options.all ? done(null, addresses) : done(null, first.address, first.family);
    });
  };

/**
 * Sends a message once, on a connection of its own. Redirects are not followed, and the body of the answer is not read.
 *
 * @throws Error unless the receiver answers with 2xx
 */
export const postWebhook = ({ url, headers, body, mayReach, signal }: WebhookPost): Promise<void> =>
  new Promise((resolve, reject) => {
    const request = (url.startsWith('https:') ? httpsRequest : httpRequest)(url, {
      method: 'POST',
      agent: false,
      signal,
      headers: { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body), ...headers },
      ...(mayReach && { lookup: guardedLookup(mayReach) }),
    });
    request.on('error', reject);
    request.on('response', (response) => {
      const status = response.statusCode ?? 0;
      response.destroy();
      if (status >= 200 && status < 300) resolve();
      else reject(new Error(`the receiver answered ${status}`));
    });
    request.end(body);
  });
