/**
 * A steady load of contacts over many queues, sent as NDJSON every 20 ms. Runs as a process of its own, so that making
 * and sending events does not disturb whoever measures.
 */
export interface LoadRequest {
  readonly url: string;
  readonly key: string;
  readonly tenant: string;
  readonly eventsPerSecond: number;
  readonly seconds: number;
  readonly queues: readonly string[];
}

export interface LoadResult {
  readonly sent: number;
  readonly seconds: number;
}

const TICK_MS = 20;
/** Requests that may be on their way at once: a server that is late makes the sender late, not the queue endless. */
const IN_FLIGHT = 8;

/** One contact's life as the kinds of its events; about a fifth of the contacts is begun per event sent. */
const LIFE = [
  ['acd.contact.started', () => ({ channel: 'voice' })],
  ['acd.contact.queued', (queue: string) => ({ queue, leg: '1' })],
  ['acd.contact.offered', (_: string, agent: string) => ({ leg: '1', agent })],
  ['acd.contact.answered', (_: string, agent: string) => ({ leg: '1', agent })],
  ['acd.contact.ended', () => ({ by: 'customer' })],
] as const;

interface Contact {
  readonly id: string;
  readonly queue: string;
  readonly agent: string;
  stage: number;
}

/** Sends the load and returns what was sent in which time. */
export const runLoad = async ({
  url,
  key,
  tenant,
  eventsPerSecond,
  seconds,
  queues,
}: LoadRequest): Promise<LoadResult> => {
  const open: Contact[] = [];
  const run = Date.now().toString(36);
  let contacts = 0;
  let sent = 0;
  const next = (): string => {
    let contact = open.shift();
    if (!contact || open.length < queues.length) {
      if (contact) open.unshift(contact);
      contacts += 1;
      contact = {
        id: `load-${run}-${contacts}`,
        queue: queues[contacts % queues.length] as string,
        agent: `agent-${contacts % 500}`,
        stage: 0,
      };
    }
    const [type, data] = LIFE[contact.stage] as (typeof LIFE)[number];
    contact.stage += 1;
    if (contact.stage < LIFE.length) open.push(contact);
    return JSON.stringify({
      specversion: '1.0',
      id: `${contact.id}-${contact.stage}`,
      source: 'bench',
      type,
      time: new Date().toISOString(),
      subject: contact.id,
      tenant,
      site: 'main',
      data: data(contact.queue, contact.agent),
    });
  };
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/x-ndjson' };
  const started = performance.now();
  const onTheWay = new Set<Promise<void>>();
  while (performance.now() - started < seconds * 1000) {
    const wanted = Math.floor(((performance.now() - started) / 1000) * eventsPerSecond) - sent;
    if (wanted > 0 && onTheWay.size < IN_FLIGHT) {
      const body = Array.from({ length: Math.min(wanted, eventsPerSecond) }, next).join('\n');
      sent += Math.min(wanted, eventsPerSecond);
      const request: Promise<void> = fetch(`${url}/v1/events`, { method: 'POST', headers, body })
        .then(async (answer) => {
          await answer.arrayBuffer();
          if (answer.status !== 202) throw new Error(`the collector answered ${answer.status}`);
        })
        .finally(() => onTheWay.delete(request));
      onTheWay.add(request);
    }
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  await Promise.all(onTheWay);
  return { sent, seconds: (performance.now() - started) / 1000 };
};
