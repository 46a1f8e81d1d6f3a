/** Injection tokens of what the composing application passes in. */
export const GATEWAY_SETTINGS = Symbol('gateway settings');
export const STORE = Symbol('store');
export const CLOCK = Symbol('clock');
export const WEB_DIRECTORY = Symbol('web directory');

/** The wall clock: milliseconds since the epoch. */
export type Clock = () => number;
export const PACE = Symbol('pace');

/** How often the gateway does what it does on a clock. */
export interface Pace {
  /** Between two pulses, in milliseconds. */
  readonly pulseMs: number;
  /** A socket that reads nothing over this many pulses is closed. */
  readonly patience: number;
}

export const DEFAULT_PACE: Pace = { pulseMs: 2_000, patience: 10 };
