/** What a queue settles at when demand and agents stay as they are. Shares are of all contacts offered. */
export interface SteadyState {
  /** Share that finds every agent busy. */
  readonly waitProbability: number;
  /** Share that hangs up before an answer. */
  readonly abandonProbability: number;
  /** Mean wait of all, those who hang up and those who wait not at all included. */
  readonly meanWait: number;
  /** ASA, average speed of answer: mean wait of those who are answered; Infinity when nobody is. */
  readonly meanSpeedOfAnswer: number;
  /** Share of the agents' time that contacts take. */
  readonly occupancy: number;
  /** Share that is answered within `threshold`. */
  serviceLevel(threshold: number): number;
}
