import type { Party } from '@queuecast/events';
import type { Contact, Leg } from './journey.js';
import type { QueueModel } from './model.js';
import type { Opening } from './opening.js';
import type { Random } from './random.js';
import type { Router } from './router.js';
import type { Stage } from './stage.js';
import type { Agent, Workforce } from './workforce.js';

const SECOND = 1000;
const CONSULT_GIVEN_UP_AFTER = 60 * SECOND;
/** A transferred customer has waited once already and goes before new ones. */
const TRANSFER_BONUS = 10;

const DISPOSITIONS = ['solved', 'information given', 'follow-up', 'complaint', 'order', 'wrong department'] as const;

/** What happens from the answer to the end of wrap-up: talk, hold, transfer, end, survey. */
export class Conversations {
  /** Conversations whose end the ACD forgot. */
  ghosts = 0;
  /** Told when a customer is done, to send surveys and keep promises. */
  onEnded: (contact: Contact, leg: Leg) => void = () => undefined;
  readonly #random: Random;
  readonly #ghosts: Random;
  readonly #consults = new Map<Leg, { readonly customer: Leg; readonly agent: Agent; readonly remainingMs: number }>();
  #consultCount = 0;

  constructor(
    private readonly stage: Stage,
    private readonly workforce: Workforce,
    private readonly router: Router,
    private readonly opening: Opening,
    private readonly options: { readonly ghostShare: number },
  ) {
    this.#random = stage.random.fork('conversations');
    this.#ghosts = stage.random.fork('talking ghosts');
  }

  /** Begins the conversation of a leg that an agent just answered. */
  begin(leg: Leg, agent: Agent): void {
    const consult = this.#consults.get(leg);
    if (consult) {
      this.#consults.delete(leg);
      this.stage.in(this.#length({ mean: 40 * SECOND, variation: 0.6 }), () =>
        this.#handOver(consult.customer, consult.agent, leg, agent, consult.remainingMs),
      );
      return;
    }
    const { queue, contact } = leg;
    if (contact.promise && !this.#reach(contact, contact.promise)) {
      this.stage.in(this.#length({ mean: 20 * SECOND, variation: 0.3 }), () => this.#end(leg, agent, 'agent'));
      return;
    }
    const talk = this.#length(queue.talk);
    if (this.#random.chance(queue.holdShare)) {
      const first = talk * (0.2 + 0.6 * this.#random.next());
      this.stage.in(first, () => this.#hold(leg, agent, talk - first));
    } else this.stage.in(talk, () => this.#conclude(leg, agent));
  }

  /** The call back is made: whether the customer picks up. */
  #reach({ source }: Contact, promise: { readonly contact: string; readonly leg: string }): boolean {
    const { stage } = this;
    const reached = this.#random.chance(0.88);
    const outcome = reached ? 'reached' : 'no_answer';
    stage.emit(source, 'acd.callback.attempted', promise.contact, { leg: promise.leg, outcome });
    if (reached) stage.emit(source, 'acd.callback.kept', promise.contact, { leg: promise.leg });
    return reached;
  }

  #length({ mean, variation }: { mean: number; variation: number }): number {
    return Math.max(2 * SECOND, this.#random.lognormal(mean, variation));
  }

  #held(leg: Leg, agent: Agent): void {
    if (leg.entry) this.stage.ledger?.held(leg.entry, this.stage.clock(leg.contact.source));
    this.stage.emit(leg.contact.source, 'acd.contact.held', leg.contact.id, { leg: leg.id, agent: agent.id });
  }

  #resumed(leg: Leg, agent: Agent): void {
    if (leg.entry) this.stage.ledger?.resumed(leg.entry, this.stage.clock(leg.contact.source));
    this.stage.emit(leg.contact.source, 'acd.contact.resumed', leg.contact.id, { leg: leg.id, agent: agent.id });
  }

  #hold(leg: Leg, agent: Agent, remainingMs: number): void {
    this.#held(leg, agent);
    // Some customers hang up while they are on hold.
    if (this.#random.chance(0.03)) this.stage.in(this.#length(leg.queue.hold), () => this.#end(leg, agent, 'customer'));
    else
      this.stage.in(this.#length(leg.queue.hold), () => {
        this.#resumed(leg, agent);
        this.stage.in(remainingMs, () => this.#conclude(leg, agent));
      });
  }

  /** The talk is over: transferred, or ended by somebody. */
  #conclude(leg: Leg, agent: Agent): void {
    const { transfer } = leg.queue;
    if (transfer && leg.contact.legs < 3 && this.#random.chance(transfer.share) && this.opening.isOpen(transfer.to)) {
      if (this.#random.chance(transfer.consultedShare)) this.#consult(leg, agent, transfer.to);
      else this.#transferBlind(leg, agent, transfer.to);
      return;
    }
    const fate = this.#random.next();
    this.#end(leg, agent, fate < 0.6 ? 'customer' : fate < 0.985 ? 'agent' : 'system');
  }

  #transferBlind(leg: Leg, agent: Agent, to: string): void {
    const { stage } = this;
    const { contact } = leg;
    if (leg.entry) stage.ledger?.completed(leg.entry, stage.clock(contact.source), { queue: to });
    stage.emit(contact.source, 'acd.contact.transferred', contact.id, { leg: leg.id, toQueue: to, mode: 'blind' });
    this.#wrapUp(leg, agent, false);
    stage.in(this.#random.integer(5, 60), () =>
      this.router.join(contact, to, leg.priority + TRANSFER_BONUS, false, leg.queue.id),
    );
  }

  /** The agent keeps the customer on hold and calls a colleague in another queue: a contact of its own, and internal. */
  #consult(leg: Leg, agent: Agent, to: string): void {
    const { stage } = this;
    const { contact } = leg;
    this.#held(leg, agent);
    const consult: Contact = {
      id: stage.id('k', ++this.#consultCount),
      channel: 'voice',
      direction: 'internal',
      source: contact.source,
      callerKey: agent.id,
      entry: contact.entry,
      legs: 0,
      ended: false,
    };
    const remainingMs = this.#length(leg.queue.talk) / 2;
    stage.in(1500, () => {
      stage.emit(contact.source, 'acd.contact.started', consult.id, { channel: 'voice', direction: 'internal' });
      const consultLeg = this.router.join(consult, to, 50, true);
      this.#consults.set(consultLeg, { customer: leg, agent, remainingMs });
      stage.in(CONSULT_GIVEN_UP_AFTER, () => this.#giveUpConsult(consultLeg));
    });
  }

  #giveUpConsult(consultLeg: Leg): void {
    const consult = this.#consults.get(consultLeg);
    if (!consult) return;
    if (consultLeg.state === 'ringing' || consultLeg.state === 'reserved') {
      this.stage.in(5 * SECOND, () => this.#giveUpConsult(consultLeg));
      return;
    }
    const { customer, agent, remainingMs } = consult;
    this.#consults.delete(consultLeg);
    this.router.leave(consultLeg, 'abandoned');
    this.#resumed(customer, agent);
    this.stage.in(Math.min(remainingMs, 60 * SECOND), () => this.#end(customer, agent, 'customer'));
  }

  /** The colleague takes the customer over; the customer's leg ends here, the consult's leg carries the talk on. */
  #handOver(customer: Leg, agent: Agent, consult: Leg, colleague: Agent, remainingMs: number): void {
    const { stage } = this;
    const { contact } = customer;
    if (customer.entry) stage.ledger?.completed(customer.entry, stage.clock(contact.source), { agent: colleague.id });
    stage.emit(contact.source, 'acd.contact.transferred', contact.id, {
      leg: customer.id,
      toAgent: colleague.id,
      mode: 'consulted',
    });
    this.#wrapUp(customer, agent, false);
    stage.in(remainingMs, () => {
      this.#contactEnded(contact, customer, 'customer');
      this.#end(consult, colleague, 'customer');
    });
  }

  #contactEnded(contact: Contact, leg: Leg, by: Party): void {
    const { stage } = this;
    contact.ended = true;
    stage.emit(contact.source, 'acd.contact.ended', contact.id, { by });
    if (contact.direction !== 'internal' && stage.ledger) stage.ledger.contacts.ended++;
    this.onEnded(contact, leg);
  }

  #end(leg: Leg, agent: Agent, by: Party): void {
    const { stage } = this;
    const forgotten = !leg.internal && this.#ghosts.chance(this.options.ghostShare);
    if (forgotten) {
      // The agent goes on with the next one, but the ACD never says that this contact ended.
      this.ghosts++;
      this.workforce.mark(agent, 'wrap_up');
      stage.in(this.#length(leg.queue.wrap), () => this.workforce.release(agent));
      return;
    }
    if (leg.entry) stage.ledger?.completed(leg.entry, stage.clock(leg.contact.source));
    this.#contactEnded(leg.contact, leg, by);
    this.#wrapUp(leg, agent, by !== 'system');
  }

  #wrapUp(leg: Leg, agent: Agent, mayBeResolved: boolean): void {
    const { stage } = this;
    const queue: QueueModel = leg.queue;
    leg.state = 'over';
    this.workforce.mark(agent, 'wrap_up');
    stage.in(this.#length(queue.wrap), () => {
      if (leg.entry) stage.ledger?.wrappedUp(leg.entry, stage.clock(leg.contact.source));
      stage.emit(leg.contact.source, 'acd.contact.wrapped_up', leg.contact.id, {
        leg: leg.id,
        agent: agent.id,
        disposition: this.#random.pick(DISPOSITIONS),
        resolved: mayBeResolved && this.#random.chance(0.78),
      });
      this.workforce.release(agent);
    });
  }
}
