import kafkajs, { type Kafka, type RetryOptions } from 'kafkajs';
import type { LogNotice } from '../delivery.js';
import { registerCodecs } from './codecs.js';

/** Where the brokers are, and where to report what was survived. */
export interface KafkaConnection {
  /** `host:port` of some brokers of the cluster. */
  readonly brokers: readonly string[];
  readonly clientId?: string;
  readonly notice?: LogNotice;
}

/** kafkajs retries little: the deadlines and the second attempts are this library's. Complete, as kafkajs has others under NODE_ENV=test. */
export const RETRY: RetryOptions = {
  retries: 5,
  initialRetryTime: 50,
  factor: 0.2,
  multiplier: 2,
  maxRetryTime: 1_000,
};

/** A kafkajs client; it connects when something is asked of it. */
export const kafkaClient = ({ brokers, clientId }: KafkaConnection): Kafka => {
  registerCodecs();
  return new kafkajs.Kafka({
    brokers: [...brokers],
    clientId: clientId ?? 'queuecast',
    connectionTimeout: 2_000,
    requestTimeout: 5_000,
    retry: RETRY,
    // What matters is thrown, counted or noticed; kafkajs would report every failed attempt besides.
    logLevel: kafkajs.logLevel.NOTHING,
  });
};

/** The reason of a kafkajs error in one line: the first cause, which the outer errors only wrap. */
export const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
};

/** Rejects with `late()` unless `promise` settles within `milliseconds`. */
export const within = async <Result>(
  milliseconds: number,
  promise: Promise<Result>,
  late: () => Error,
): Promise<Result> => {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late()), milliseconds);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
};

/**
 * A client that is made when needed and thrown away when a call fails: after an outage kafkajs clients now and then
 * keep dead connections, a fresh one never does.
 */
export class Disposable<Client extends { connect(): Promise<void>; disconnect(): Promise<void> }> {
  #client: Promise<Client> | null = null;

  constructor(private readonly make: () => Client) {}

  /** Calls `action` with the connected client; rejects with a plain error after `milliseconds`. */
  async use<Result>(milliseconds: number, action: (client: Client) => Promise<Result>): Promise<Result> {
    const client = (this.#client ??= this.#connect());
    const late = (): Error => new Error(`no answer within ${milliseconds / 1000} s`);
    try {
      return await within(milliseconds, client.then(action), late);
    } catch (error) {
      if (this.#client === client) await this.dispose();
      throw error;
    }
  }

  dispose(): Promise<void> {
    const client = this.#client;
    this.#client = null;
    if (client === null) return Promise.resolve();
    // A broker that is away does not say goodbye either.
    const goodbye = client.then((each) => each.disconnect()).catch(() => undefined);
    return Promise.race([goodbye, new Promise<void>((resolve) => setTimeout(resolve, 1_000).unref())]);
  }

  async #connect(): Promise<Client> {
    const client = this.make();
    await client.connect();
    return client;
  }
}
