import { UnknownMetricError } from '@queuecast/metrics';
import { MigrationError } from './migrate.js';
import { StoreAwayError } from './port.js';

/** The statement asked for more than a report may take: time, memory or rows. Narrow it. */
export class ReportTooLargeError extends Error {
  override readonly name = 'ReportTooLargeError';
}

/** The request makes no sense: the message names the field and the remedy. */
export class InvalidReportError extends Error {
  override readonly name = 'InvalidReportError';
}

/** Too many reports wait already. Try again later. */
export class ReportsBusyError extends Error {
  override readonly name = 'ReportsBusyError';
}

/**
 * Failures of the engine that pass: time and memory limits, too many parts or queries, disk full, read-only replica,
 * lost coordination, network between nodes. Numbers are those of ClickHouse's ErrorCodes.
 */
const PASSING_CODES = new Set([
  3, // UNEXPECTED_END_OF_FILE
  33, // CANNOT_READ_ALL_DATA
  74, // CANNOT_READ_FROM_FILE_DESCRIPTOR
  75, // CANNOT_WRITE_TO_FILE_DESCRIPTOR
  76, // CANNOT_OPEN_FILE
  95, // CANNOT_READ_FROM_SOCKET
  96, // CANNOT_WRITE_TO_SOCKET
  159, // TIMEOUT_EXCEEDED
  173, // CANNOT_ALLOCATE_MEMORY
  198, // DNS_ERROR
  202, // TOO_MANY_SIMULTANEOUS_QUERIES
  203, // NO_FREE_CONNECTION
  209, // SOCKET_TIMEOUT
  210, // NETWORK_ERROR
  225, // NO_ZOOKEEPER
  236, // ABORTED
  241, // MEMORY_LIMIT_EXCEEDED
  242, // TABLE_IS_READ_ONLY
  243, // NOT_ENOUGH_SPACE
  252, // TOO_MANY_PARTS
  279, // ALL_CONNECTION_TRIES_FAILED
  285, // TOO_FEW_LIVE_REPLICAS
  286, // UNSATISFIED_QUORUM_FOR_PREVIOUS_WRITE
  319, // UNKNOWN_STATUS_OF_INSERT
  394, // QUERY_WAS_CANCELLED
  425, // SYSTEM_ERROR
  439, // CANNOT_SCHEDULE_TASK
  473, // DEADLOCK_AVOIDED
  999, // KEEPER_EXCEPTION
  1000, // POCO_EXCEPTION
]);

/** Limits that a report hits by its own doing. */
const REPORT_LIMIT_CODES = new Set([
  158, // TOO_MANY_ROWS
  159, // TIMEOUT_EXCEEDED
  160, // TOO_SLOW
  241, // MEMORY_LIMIT_EXCEEDED
  307, // TOO_MANY_BYTES
  396, // TOO_MANY_ROWS_OR_BYTES
]);

export type LaneName = 'migration' | 'writer' | 'live' | 'facts' | 'report';

/** Thrown on this side of the wire. */
const OWN_ERRORS = [StoreAwayError, InvalidReportError, MigrationError, UnknownMetricError, RangeError, TypeError];

/** An answer of the engine. The embedded engine's errors are of another copy of the client's class: told by their shape. */
const engineCode = (error: unknown): number | null =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && /^\d+$/.test(error.code)
    ? Number(error.code)
    : null;

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/**
 * Translates what the client threw. An engine's answer keeps its own type unless it passes by itself; whatever is not
 * an answer of the engine (reset, refused, cut off, timed out, a proxy's 502) means that the store is away.
 */
export const translate = (error: unknown, lane: LaneName, transport: 'embedded' | 'server'): unknown => {
  const code = engineCode(error);
  if (code !== null) {
    const message = messageOf(error);
    if (lane === 'report' && REPORT_LIMIT_CODES.has(code))
      return new ReportTooLargeError(`the report takes too much: ${message}; ask for a shorter range or fewer rows`, {
        cause: error,
      });
    if (PASSING_CODES.has(code))
      return new StoreAwayError(`the store cannot do this now: ${message}`, { cause: error });
    return error;
  }
  if (OWN_ERRORS.some((own) => error instanceof own)) return error;
  if (transport === 'server')
    return new StoreAwayError(`the store does not answer: ${messageOf(error)}`, { cause: error });
  return error;
};
