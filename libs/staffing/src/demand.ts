/** What a queue has to cope with. Times in any one unit, the rate in its reciprocal; results are in the same. */
export interface Demand {
  /** Contacts that arrive per unit of time. */
  readonly arrivalRate: number;
  /** Mean time that a contact takes an agent: conversation, hold and wrap-up. */
  readonly meanHandle: number;
  /** Mean time until a waiting contact hangs up. Infinity: nobody does. */
  readonly meanPatience: number;
}

/** For instance 80 % in 150 s: a share of 0.8 and a threshold of 150 s. */
export interface ServiceTarget {
  /** Of all contacts offered, how many shall be answered within the threshold; strictly between 0 and 1. */
  readonly share: number;
  readonly threshold: number;
}

/** Most agents that are reckoned with, and most work, in erlangs: far beyond any centre, and still quick. */
export const MAX_AGENTS = 1_000_000;

/** Longest patience in handle times, and the inverse of the shortest. Beyond it nobody hangs up: say Infinity. */
const PATIENCE_RANGE = 1e6;

const refuse = (field: string, rule: string, value: number): never => {
  throw new RangeError(`${field} must be ${rule}, not ${value}`);
};

export const requireDemand = ({ arrivalRate, meanHandle, meanPatience }: Demand): void => {
  if (!(arrivalRate >= 0 && arrivalRate < Infinity)) refuse('arrivalRate', 'a number, 0 or more', arrivalRate);
  if (!(meanHandle > 0 && meanHandle < Infinity)) refuse('meanHandle', 'a number above 0', meanHandle);
  if (!(meanPatience > 0)) refuse('meanPatience', 'a number above 0, or Infinity', meanPatience);
  const handleTimes = meanPatience / meanHandle;
  if (handleTimes < 1 / PATIENCE_RANGE || (handleTimes > PATIENCE_RANGE && meanPatience !== Infinity))
    refuse('meanPatience', 'within a factor of a million of meanHandle, or Infinity', meanPatience);
  if (arrivalRate * meanHandle > MAX_AGENTS)
    refuse('arrivalRate times meanHandle', `at most ${MAX_AGENTS} erlangs`, arrivalRate * meanHandle);
};

export const requireCount = (field: string, value: number): void => {
  if (!(Number.isInteger(value) && value >= 0 && value <= MAX_AGENTS))
    refuse(field, `a whole number from 0 to ${MAX_AGENTS}`, value);
};

export const requireTime = (field: string, value: number): void => {
  if (!(value >= 0)) refuse(field, 'a number, 0 or more', value);
};

export const requireTarget = ({ share, threshold }: ServiceTarget): void => {
  if (!(share > 0 && share < 1)) refuse('share', 'a number between 0 and 1, both excluded', share);
  requireTime('threshold', threshold);
};
