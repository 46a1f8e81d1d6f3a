import kafkajs, { type Kafka, type Producer, type RecordMetadata } from 'kafkajs';
import type { LogPosition, LogRecord } from '../port.js';
import { partitionFor } from '../partitioner.js';
import type { Availability } from './availability.js';
import { Disposable, RETRY } from './client.js';

export interface AppenderOptions {
  readonly topic: string;
  readonly partitions: number;
  /** Largest batch of records that the topic takes, bytes. */
  readonly maxMessageBytes: number;
  readonly compression: 'none' | 'gzip';
  /** An append is given up after this long. */
  readonly timeoutMs: number;
}

interface Waiting {
  readonly record: LogRecord;
  readonly partition: number;
  readonly index: number;
  readonly append: PendingAppend;
}

interface PendingAppend {
  readonly positions: LogPosition[];
  left: number;
  resolve(positions: LogPosition[]): void;
  reject(error: Error): void;
}

/** Most bytes of one request, and most records: bounds its time on the wire and on the event loop. */
const MAX_REQUEST_BYTES = 4_194_304;
const MAX_REQUEST_RECORDS = 10_000;
/** A batch of one partition stays well below what topics take by default (1 MiB). */
const MAX_PARTITION_BYTES = 900_000;
/** Room for the headers of a batch and of its records. */
const BATCH_OVERHEAD_BYTES = 512;

/**
 * Appends through an idempotent kafkajs producer, one request at a time; what arrives meanwhile shares the next.
 *
 * One at a time because kafkajs takes back its sequence numbers when a request fails: another request would then
 * reuse those of a batch that the broker may have written, be taken for its duplicate, and be acknowledged without
 * being stored. For the same reason a producer that failed is never used again.
 */
export class KafkaAppender {
  readonly #producer: Disposable<Producer>;
  #waiting: Waiting[] = [];
  #sending: Promise<void> | null = null;

  constructor(
    kafka: Kafka,
    private readonly options: AppenderOptions,
    private readonly availability: Availability,
  ) {
    this.#producer = new Disposable(() =>
      kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false, retry: RETRY }),
    );
  }

  /** Resolves when every in-sync replica has the records. Throws {@link LogAwayError}; RangeError for a record too large. */
  append(records: readonly LogRecord[]): Promise<LogPosition[]> {
    for (const record of records) this.#checkSize(record);
    return new Promise((resolve, reject) => {
      const append: PendingAppend = { positions: [], left: records.length, resolve, reject };
      for (const [index, record] of records.entries()) {
        this.#waiting.push({ record, index, append, partition: partitionFor(record.key, this.options.partitions) });
      }
      this.#sending ??= this.#send();
    });
  }

  async close(): Promise<void> {
    await this.#sending;
    await this.#producer.dispose();
  }

  #checkSize(record: LogRecord): void {
    const bytes = sizeOf(record) + BATCH_OVERHEAD_BYTES;
    if (bytes <= this.options.maxMessageBytes) return;
    throw new RangeError(
      `a record of ${bytes} bytes does not fit topic "${this.options.topic}", whose max.message.bytes is ` +
        `${this.options.maxMessageBytes}: raise that with kafka-configs.sh, or send smaller events`,
    );
  }

  async #send(): Promise<void> {
    // Let the appends of this turn of the event loop gather.
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#takeBatch();
      try {
        const bases = await this.#produce(batch);
        settle(batch, bases);
      } catch (cause) {
        const error = this.availability.failed(cause);
        for (const each of [...batch, ...this.#waiting.splice(0)]) each.append.reject(error);
      }
    }
    this.#sending = null;
  }

  #takeBatch(): Waiting[] {
    const { maxMessageBytes } = this.options;
    const limit = Math.min(MAX_PARTITION_BYTES, maxMessageBytes - BATCH_OVERHEAD_BYTES);
    const perPartition = new Map<number, number>();
    let total = 0;
    let count = 0;
    for (const { record, partition } of this.#waiting) {
      const bytes = sizeOf(record);
      const before = perPartition.get(partition) ?? 0;
      if (count > 0 && (count === MAX_REQUEST_RECORDS || total + bytes > MAX_REQUEST_BYTES)) break;
      if (before > 0 && before + bytes > limit) break;
      perPartition.set(partition, before + bytes);
      total += bytes;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  /** The offset of the first record in each partition. */
  async #produce(batch: readonly Waiting[]): Promise<Map<number, number>> {
    const { topic, compression, timeoutMs } = this.options;
    const answer = await this.#producer.use(timeoutMs, (producer) =>
      producer.send({
        topic,
        acks: -1,
        timeout: timeoutMs,
        compression: compression === 'gzip' ? kafkajs.CompressionTypes.GZIP : kafkajs.CompressionTypes.None,
        messages: batch.map(({ record, partition }) => ({ key: record.key, value: asBuffer(record.value), partition })),
      }),
    );
    const bases = new Map(answer.map((each) => [each.partition, baseOffset(each)]));
    // kafkajs can lose a partition from a request whose leader moved between two attempts, without an error.
    const missing = batch.find(({ partition }) => !bases.has(partition));
    if (missing) throw new Error(`the broker did not acknowledge partition ${missing.partition}`);
    return bases;
  }
}

const settle = (batch: readonly Waiting[], bases: ReadonlyMap<number, number>): void => {
  const next = new Map(bases);
  for (const { append, partition, index } of batch) {
    const offset = next.get(partition) ?? 0;
    next.set(partition, offset + 1);
    append.positions[index] = { partition, offset };
    append.left -= 1;
    if (append.left === 0) append.resolve(append.positions);
  }
};

const baseOffset = ({ partition, baseOffset: offset, errorCode }: RecordMetadata): number => {
  const base = Number(offset);
  if (errorCode !== 0 || !Number.isSafeInteger(base) || base < 0) {
    throw new Error(`the broker did not say where in partition ${partition} it appended (error ${errorCode})`);
  }
  return base;
};

/** Bytes that a record takes in a batch, at most, uncompressed. */
const sizeOf = (record: LogRecord): number => record.value.length + Buffer.byteLength(record.key) + 32;

const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
