import type { CloudEvent, EventType, LEAVE_REASONS } from '@queuecast/events';

const MINUTE = 60_000;

type LeaveReason = (typeof LEAVE_REASONS)[number];

export interface AcdOptions {
  readonly tenant: string;
  readonly site?: string;
  readonly source?: string;
}

/** Speaks as the ACD of one site would: events of the contract with ids of their own, at the present unless told. */
export class Acd {
  private readonly tenant: string;
  private readonly site: string;
  private readonly source: string;
  private serial = 0;

  constructor({ tenant, site = 'main', source = 'pbx' }: AcdOptions) {
    this.tenant = tenant;
    this.site = site;
    this.source = source;
  }

  event(type: EventType, subject: string | null, data: object, at: number = Date.now()): CloudEvent {
    this.serial += 1;
    return {
      specversion: '1.0',
      id: `${this.source}-${this.serial}`,
      source: this.source,
      type,
      time: new Date(at).toISOString(),
      ...(subject === null ? {} : { subject }),
      tenant: this.tenant,
      site: this.site,
      data,
    };
  }

  /** A contact begins and joins a queue; its leg is called 1. */
  joins(contact: string, queue: string, at?: number): CloudEvent[] {
    return [
      this.event('acd.contact.started', contact, { channel: 'voice' }, at),
      this.event('acd.contact.queued', contact, { queue, leg: '1' }, at),
    ];
  }

  answers(contact: string, agent: string, at?: number): CloudEvent {
    return this.event('acd.contact.answered', contact, { leg: '1', agent }, at);
  }

  leaves(contact: string, reason: LeaveReason, at?: number): CloudEvent {
    return this.event('acd.contact.left_queue', contact, { leg: '1', reason }, at);
  }

  ends(contact: string, at?: number): CloudEvent {
    return this.event('acd.contact.ended', contact, { by: 'customer' }, at);
  }

  agent(agent: string, state: string, queues: readonly string[], at?: number): CloudEvent {
    return this.event('acd.agent.state_changed', agent, { state, queues }, at);
  }

  /**
   * Sixty calls that waited as long each, answered by an agent who then stays busy, and one more that waits: what an
   * estimate needs to know something. Batches, to be sent one after the other.
   */
  callsThatWaited(minutes: number, queue: string, agent: string): CloudEvent[][] {
    const waitMs = minutes * 60_000;
    const since = Date.now() - 2 * waitMs;
    const calls = Array.from({ length: 60 }, (_, n) => ({ call: `call-${n}`, joined: since + n * 1_000 }));
    return [
      [this.agent(agent, 'busy', [queue], since)],
      calls.flatMap(({ call, joined }) => this.joins(call, queue, joined)),
      calls.flatMap(({ call, joined }) => [
        this.answers(call, agent, joined + waitMs),
        this.ends(call, joined + waitMs + 500),
      ]),
      [this.agent(agent, 'busy', [queue]), ...this.joins('last', queue)],
    ];
  }

  /** Two hours of a queue whose contacts are answered within half a minute. */
  shortWaits(queue: string): CloudEvent[] {
    const from = Date.now() - 120 * MINUTE;
    return Array.from({ length: 110 }, (_, n) => {
      const [contact, agent, at] = [`c${n}`, `agent-${n % 5}`, from + n * MINUTE];
      const answeredAt = at + 5_000 + (n % 6) * 5_000;
      return [
        this.agent(agent, 'available', [queue], at - 1_000),
        ...this.joins(contact, queue, at),
        this.answers(contact, agent, answeredAt),
        this.agent(agent, 'busy', [queue], answeredAt),
        this.ends(contact, answeredAt + 2 * MINUTE),
        this.agent(agent, 'available', [queue], answeredAt + 2 * MINUTE),
      ];
    })
      .flat()
      .sort((a, b) => Date.parse(a.time) - Date.parse(b.time));
  }

  heartbeat(at?: number): CloudEvent {
    return this.event('acd.source.heartbeat', null, {}, at);
  }
}
