import { instant, type Instant } from '@queuecast/events';
import type { LogRecord, StoredRecord } from '../port.js';

/**
 * How a record lies in LMDB: append time (float64), bytes of the partition up to and including this record (float64),
 * length of the key (uint32), key (UTF-8), value. The running total lets trimming find its cut by binary search, and
 * survives restarts without a scan.
 */
const HEADER_BYTES = 20;

/** Bytes that the running total counts for one record: what it stores, key and header included. */
const storedBytes = (keyBytes: number, valueBytes: number): number => HEADER_BYTES + keyBytes + valueBytes;

/** The stored form of a record, and the running total after it. */
export const encodeRecord = (
  record: LogRecord,
  appendedAt: number,
  bytesBefore: number,
): { readonly stored: Buffer; readonly bytesAfter: number } => {
  const keyBytes = Buffer.byteLength(record.key);
  const bytes = storedBytes(keyBytes, record.value.length);
  const stored = Buffer.allocUnsafe(bytes);
  stored.writeDoubleBE(appendedAt, 0);
  stored.writeDoubleBE(bytesBefore + bytes, 8);
  stored.writeUInt32BE(keyBytes, 16);
  stored.write(record.key, HEADER_BYTES);
  stored.set(record.value, HEADER_BYTES + keyBytes);
  return { stored, bytesAfter: bytesBefore + bytes };
};

export const decodeRecord = (offset: number, stored: Buffer): StoredRecord => {
  const valueStart = HEADER_BYTES + stored.readUInt32BE(16);
  return {
    offset,
    key: stored.toString('utf8', HEADER_BYTES, valueStart),
    value: stored.subarray(valueStart),
    appendedAt: appendedAtOf(stored),
  };
};

export const appendedAtOf = (stored: Buffer): Instant => instant(stored.readDoubleBE(0));

/** Bytes of the partition up to and including this record, since the log was created. */
export const bytesUpTo = (stored: Buffer): number => stored.readDoubleBE(8);

/** The LMDB key of a position: sorts by partition, then by offset. */
export const positionKey = (partition: number, offset: number): Buffer => {
  const key = Buffer.allocUnsafe(12);
  key.writeUInt32BE(partition, 0);
  key.writeUInt32BE(Math.floor(offset / 2 ** 32), 4);
  key.writeUInt32BE(offset % 2 ** 32, 8);
  return key;
};

export const offsetOfKey = (key: Buffer): number => key.readUInt32BE(4) * 2 ** 32 + key.readUInt32BE(8);

export const partitionOfKey = (key: Buffer): number => key.readUInt32BE(0);
