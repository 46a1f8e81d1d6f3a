import { randomUUID } from 'node:crypto';
import type { EventLog } from '@queuecast/event-log';
import { OWN_SOURCES, partitionKey, type CloudEvent, type EventType, type TenantId } from '@queuecast/events';
import { unlessAway } from './away.js';

/** What is to be said of something at a site, in the name of somebody. */
export interface OwnWord {
  readonly tenant: TenantId;
  readonly site: string;
  readonly type: EventType;
  /** A contact; absent for a word about a queue. */
  readonly subject?: string;
  readonly data: object;
}

/** Puts what people say through the gateway into the log, where it is an event like those of any source. */
export class OwnEvents {
  constructor(private readonly log: EventLog) {}

  /**
   * Appends all of these at once. Resolves when they are durable.
   *
   * @param at milliseconds since the epoch
   * @throws ProblemException 503 if the log is away
   */
  async append(words: readonly OwnWord[], at: number): Promise<CloudEvent[]> {
    const events = words.map((word): CloudEvent => ({
      specversion: '1.0',
      id: randomUUID(),
      source: OWN_SOURCES.gateway,
      time: new Date(at).toISOString(),
      ...word,
    }));
    await unlessAway(() =>
      this.log.append(events.map((event) => ({ key: partitionKey(event), value: Buffer.from(JSON.stringify(event)) }))),
    );
    return events;
  }
}
