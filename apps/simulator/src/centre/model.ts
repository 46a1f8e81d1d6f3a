import type { Channel } from '@queuecast/events';

const SECOND = 1000;

/** A length of time drawn from a lognormal distribution: mean in milliseconds, coefficient of variation. */
export interface Spread {
  readonly mean: number;
  readonly variation: number;
}

export const seconds = (mean: number, variation: number): Spread => ({ mean: mean * SECOND, variation });

/** Weekday spans as in the settings: `always`, or the spans of each day, "08:00-20:00". */
export type OpeningHours =
  'always' | Readonly<Partial<Record<'mon' | 'tue' | 'wed' | 'thu' | 'fri' | 'sat' | 'sun', readonly string[]>>>;

/** How contacts reach one queue, how long they stay and what becomes of them. Shares are 0..1. */
export interface QueueModel {
  readonly id: string;
  readonly channel: Channel;
  readonly entryPoint: string;
  /** Mean number of arrivals on a day of weight 1. */
  readonly arrivalsPerDay: number;
  /** 24 weights of the local hours; only their ratios count. */
  readonly dayCurve: readonly number[];
  /** Weights of Monday to Sunday; 1 is a normal day. */
  readonly weekCurve: readonly number[];
  /** A slow swell on top of the day's curve: what keeps a demonstration moving at any hour. */
  readonly swell?: { readonly periodMs: number; readonly amplitude: number; readonly phase: number };
  readonly hours: OpeningHours;
  /** What happens at closing time to those who wait: sent away (`closed_out`), or served to the end. */
  readonly atClosing: 'send_away' | 'serve';
  /** Menu before the queue, with its choices; absent for channels without one. */
  readonly menu?: { readonly duration: Spread; readonly choices: readonly string[]; readonly hangUpShare: number };
  readonly skills: readonly string[];
  readonly priority: number;
  /** How long a contact is willing to wait; absent: for ever. */
  readonly patience?:
    | ({ readonly kind: 'lognormal' } & Spread)
    | { readonly kind: 'exponential'; readonly mean: number; readonly variation?: never };
  readonly ring: Spread;
  /** Share of offers that nobody takes (RONA), and that the agent rejects. */
  readonly noAnswerShare: number;
  readonly rejectShare: number;
  readonly talk: Spread;
  readonly wrap: Spread;
  readonly holdShare: number;
  readonly hold: Spread;
  /** Where conversations are transferred, and how often. */
  readonly transfer?: { readonly to: string; readonly share: number; readonly consultedShare: number };
  /** Contacts that waited this long go on in another queue. */
  readonly overflow?: { readonly afterMs: number; readonly to: string };
  /** Contacts that waited this long are sent away. */
  readonly timeoutMs?: number;
  /** After this wait a call back is offered; this share takes it, and is called back about that much later. */
  readonly callback?: { readonly afterMs: number; readonly takenShare: number; readonly later: Spread };
  /** Share of arrivals that a fault of the ACD throws out of the queue. */
  readonly dropShare: number;
  /** Share of abandoned contacts that try again, and when. */
  readonly redial: { readonly share: number; readonly later: Spread };
  readonly surveyShare: number;
  /** At a counter: share of called tickets whose owner has gone. */
  readonly noShowShare: number;
}

export interface Shift {
  readonly start: string;
  readonly end: string;
  /** How many agents of the team work it. */
  readonly agents: number;
  /** Days worked, Monday to Sunday; every day if absent. */
  readonly days?: readonly boolean[];
}

/** Agents who share skills and shifts. */
export interface TeamModel {
  readonly id: string;
  /** Level per queue served: 1 is served first. */
  readonly skills: Readonly<Record<string, number>>;
  readonly shifts: readonly Shift[];
  /** Breaks per shift, besides lunch for shifts of six hours or more. */
  readonly breaks: { readonly count: number; readonly duration: Spread };
}

/** Arrivals multiplied by `factor` for a while, with a linear rise and fall. */
export interface Surge {
  readonly queues: readonly string[];
  readonly from: number;
  readonly riseMs: number;
  readonly holdMs: number;
  readonly fallMs: number;
  readonly factor: number;
}

/** Agents logging out all at once, and back later. */
export interface MassLogout {
  readonly at: number;
  /** Share of the agents signed in. */
  readonly share: number;
  readonly withinMs: number;
  readonly forMs: number;
}

export interface PostedNotice {
  readonly queue: string;
  readonly notice: string;
  readonly text: Readonly<Record<string, string>>;
  readonly from: number;
  readonly until: number;
}

/** A contact centre: everything that the simulation needs besides a seed and a period. */
export interface CentreModel {
  readonly timeZone: string;
  readonly queues: readonly QueueModel[];
  readonly teams: readonly TeamModel[];
  readonly surges: readonly Surge[];
  readonly massLogouts: readonly MassLogout[];
  readonly notices: readonly PostedNotice[];
}

/** Agents of a team size needed for a load, by the square-root rule: offered load in erlangs plus beta times its root. */
export const staffFor = (erlangs: number, beta: number): number => Math.ceil(erlangs + beta * Math.sqrt(erlangs));
