/** What a log did since it was opened: nothing is dropped without a count. */
export interface LogCounts {
  /** Records appended and acknowledged. */
  appended: number;
  /** Records delivered to consumers, redeliveries included. */
  delivered: number;
  /** Records that the log removed by age or size, as far as this adapter can tell. */
  trimmed: number;
  /** Of those, records that some known consumer group had not committed yet. */
  trimmedUncommitted: number;
  /** Calls of a consumer that failed and were repeated. */
  failedDeliveries: number;
}

export const noCounts = (): LogCounts => ({
  appended: 0,
  delivered: 0,
  trimmed: 0,
  trimmedUncommitted: 0,
  failedDeliveries: 0,
});
