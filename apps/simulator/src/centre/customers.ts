import type { LeaveReason } from '@queuecast/events';
import type { ZoneClock } from '../local-time.js';
import { Demand } from './demand.js';
import type { Contact, Leg } from './journey.js';
import type { CentreModel, QueueModel } from './model.js';
import type { Opening } from './opening.js';
import type { Random } from './random.js';
import type { Router } from './router.js';
import type { Stage } from './stage.js';

const SECOND = 1000;
const HOUR = 3_600_000;
/** A call back that was promised goes before those who queue now. */
const CALLBACK_BONUS = 20;

/** Customers outside the queues: how they come in, and what they do after they left one. */
export class Customers {
  readonly #random: Random;
  #contacts = 0;

  constructor(
    private readonly stage: Stage,
    private readonly router: Router,
    private readonly opening: Opening,
    private readonly zone: ZoneClock,
    private readonly sources: number,
  ) {
    this.#random = stage.random.fork('customers');
    router.onLeft = (leg, reason) => this.#afterLeaving(leg, reason);
  }

  /** Begins the arrivals of every queue; they go on for ever. */
  begin({ queues, surges }: CentreModel): void {
    for (const queue of queues) {
      const demand = new Demand(queue, surges, this.zone, this.stage.random.fork(`arrivals/${queue.id}`));
      this.#next(queue, demand);
    }
  }

  /** A satisfied or dissatisfied customer answers a survey, some of them. */
  afterConversation(contact: Contact, leg: Leg): void {
    if (contact.direction === 'internal' || !this.#random.chance(leg.queue.surveyShare)) return;
    const score = Math.min(5, Math.max(1, Math.round(4 + this.#random.normal())));
    this.stage.in(this.#random.lognormal(60 * SECOND, 1), () =>
      this.stage.emit(contact.source, 'acd.survey.answered', contact.id, { score, scale: 5, leg: leg.id }),
    );
  }

  #next(queue: QueueModel, demand: Demand): void {
    const { stage } = this;
    const horizon = stage.now + HOUR;
    const at = demand.nextAfter(stage.now, horizon);
    if (at === null) stage.at(horizon, () => this.#next(queue, demand));
    else
      stage.at(at, () => {
        this.#arrive(queue, this.#newCallerKey());
        this.#next(queue, demand);
      });
  }

  #newCallerKey(): string {
    const digits = () =>
      Math.floor(this.#random.next() * 2 ** 32)
        .toString(16)
        .padStart(8, '0');
    return `${digits()}${digits()}`;
  }

  #arrive(queue: QueueModel, callerKey: string): void {
    const { stage } = this;
    const contact: Contact = {
      id: stage.id('c', ++this.#contacts),
      channel: queue.channel,
      direction: 'inbound',
      source: this.#contacts % this.sources,
      callerKey,
      entry: queue,
      legs: 0,
      ended: false,
    };
    this.#start(contact);
    const { menu } = queue;
    if (!menu) {
      this.#join(contact);
      return;
    }
    stage.in(this.#random.lognormal(menu.duration.mean, menu.duration.variation), () => {
      if (this.#random.chance(menu.hangUpShare)) {
        if (stage.ledger) stage.ledger.contacts.lostInMenu++;
        this.#end(contact, 'customer', 'left the menu');
        return;
      }
      contact.menuCompletedAt = stage.clock(contact.source);
      stage.emit(contact.source, 'acd.contact.menu_completed', contact.id, {
        choice: this.#random.pick(menu.choices),
      });
      stage.in(this.#random.integer(5, 300), () => this.#join(contact));
    });
  }

  #start(contact: Contact): void {
    const { stage } = this;
    if (stage.ledger) stage.ledger.contacts.started++;
    stage.emit(contact.source, 'acd.contact.started', contact.id, {
      channel: contact.channel,
      direction: contact.direction,
      entryPoint: contact.entry.entryPoint,
      callerKey: contact.callerKey,
    });
  }

  #join(contact: Contact): void {
    const { entry } = contact;
    if (this.opening.isOpen(entry.id)) {
      this.router.join(contact, entry.id, entry.priority);
      return;
    }
    if (this.stage.ledger) this.stage.ledger.contacts.refusedClosed++;
    this.#end(contact, 'system', 'closed');
  }

  #end(contact: Contact, by: 'customer' | 'agent' | 'system', reason?: string): void {
    const { stage } = this;
    contact.ended = true;
    if (stage.ledger && contact.direction !== 'internal') stage.ledger.contacts.ended++;
    stage.emit(contact.source, 'acd.contact.ended', contact.id, { by, ...(reason !== undefined && { reason }) });
  }

  #afterLeaving(leg: Leg, reason: LeaveReason): void {
    const { contact, queue } = leg;
    if (contact.promise) this.#breakPromise(contact, reason);
    switch (reason) {
      case 'abandoned':
        this.#end(contact, contact.direction === 'internal' ? 'agent' : 'customer');
        if (contact.direction === 'inbound' && this.#random.chance(queue.redial.share))
          this.stage.in(this.#random.lognormal(queue.redial.later.mean, queue.redial.later.variation), () =>
            this.#arrive(contact.entry, contact.callerKey),
          );
        return;
      case 'overflowed': {
        const to = queue.overflow?.to;
        if (to === undefined) throw new Error(`queue "${queue.id}" overflowed though its model names no overflow`);
        this.stage.in(this.#random.integer(5, 60), () => this.router.join(contact, to, leg.priority));
        return;
      }
      case 'callback_taken':
        this.#promise(leg);
        return;
      case 'no_show':
        this.#end(contact, 'customer', 'no_show');
        return;
      default:
        this.#end(contact, 'system', reason);
    }
  }

  #promise(leg: Leg): void {
    const { stage } = this;
    const { contact, queue } = leg;
    const later = queue.callback?.later ?? { mean: HOUR, variation: 0.5 };
    const due = stage.now + Math.round(this.#random.lognormal(later.mean, later.variation));
    stage.emit(contact.source, 'acd.callback.promised', contact.id, {
      leg: leg.id,
      dueAt: new Date(due).toISOString(),
      channel: 'voice',
    });
    this.#end(contact, 'customer', 'callback_taken');
    stage.at(due, () => {
      if (!this.opening.isOpen(queue.id)) {
        stage.emit(contact.source, 'acd.callback.cancelled', contact.id, { leg: leg.id, reason: 'closed' });
        return;
      }
      const back: Contact = {
        id: stage.id('c', ++this.#contacts),
        channel: 'callback',
        direction: 'outbound',
        source: contact.source,
        callerKey: contact.callerKey,
        entry: queue,
        legs: 0,
        ended: false,
        promise: { contact: contact.id, leg: leg.id },
      };
      this.#start(back);
      this.router.join(back, queue.id, queue.priority + CALLBACK_BONUS);
    });
  }

  #breakPromise({ source, promise }: Contact, reason: LeaveReason): void {
    if (promise) this.stage.emit(source, 'acd.callback.cancelled', promise.contact, { leg: promise.leg, reason });
  }
}
