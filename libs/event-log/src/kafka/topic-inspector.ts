import kafkajs, { type Cluster, type Kafka } from 'kafkajs';

/** What the cluster says about a topic, right now. */
export interface TopicState {
  /** Changes when the topic is deleted and made again; null where the broker is too old to tell (before Kafka 2.8). */
  readonly topicId: string | null;
  /** Of the cluster. */
  readonly clusterId: string;
  readonly partitions: number;
  /** Partitions that nobody leads at the moment: nothing can be appended to them. */
  readonly leaderless: number;
}

/**
 * Asks for a topic's id, which kafkajs does not know of, over kafkajs' own connection (so that its addresses, TLS and
 * sign-in hold): a Metadata request of version 12, KIP-516.
 */
export class TopicInspector {
  readonly #cluster: Cluster;

  constructor(
    kafka: Kafka,
    private readonly topic: string,
  ) {
    // The public way to a cluster object: kafkajs hands it to the assigner of a consumer, which is never run.
    let cluster: Cluster | undefined;
    kafka.consumer({
      groupId: 'queuecast-inspector',
      allowAutoTopicCreation: false,
      partitionAssigners: [
        (config) => {
          cluster = config.cluster;
          return kafkajs.PartitionAssigners.roundRobin(config);
        },
      ],
    });
    if (!cluster) throw new Error('kafkajs made a consumer without asking its assigner: is it still version 2.2?');
    this.#cluster = cluster;
  }

  connect(): Promise<void> {
    return this.#cluster.connect();
  }

  disconnect(): Promise<void> {
    return this.#cluster.disconnect();
  }

  async state(): Promise<TopicState> {
    await this.#cluster.addTargetTopic(this.topic);
    const broker = rawBroker(await this.#cluster.findControllerBroker());
    const { clusterId, topicMetadata } = (await this.#cluster.metadata()) as unknown as KafkajsMetadata;
    const partitions = topicMetadata.find((each) => each.topic === this.topic)?.partitionMetadata ?? [];
    const canTell = (broker.versions[METADATA_API]?.maxVersion ?? 0) >= METADATA_VERSION;
    return {
      topicId: canTell ? await broker.connectionPool.send(topicIdRequest(this.topic)) : null,
      clusterId,
      partitions: partitions.length,
      leaderless: partitions.filter((partition) => partition.leader < 0).length,
    };
  }
}

interface KafkajsMetadata {
  readonly clusterId: string;
  readonly topicMetadata: readonly {
    readonly topic: string;
    readonly partitionMetadata: readonly { readonly leader: number }[];
  }[];
}

const METADATA_API = 3;
const METADATA_VERSION = 12;

interface RawRequest<Answer> {
  readonly request: {
    readonly apiKey: number;
    readonly apiVersion: number;
    readonly apiName: string;
    encode(): Promise<{ readonly buf: Buffer; readonly buffer: Buffer }>;
  };
  readonly response: { decode(payload: Buffer): Promise<Answer>; parse(answer: Answer): Promise<Answer> };
}

/** The parts of kafkajs 2.2's broker object that its types leave out. */
interface RawBroker {
  readonly versions: Readonly<Record<number, { readonly maxVersion: number } | undefined>>;
  readonly connectionPool: { send<Answer>(request: RawRequest<Answer>): Promise<Answer> };
}

const rawBroker = (broker: unknown): RawBroker => {
  if (typeof broker !== 'object' || broker === null || !('connectionPool' in broker) || !('versions' in broker)) {
    throw new Error('kafkajs gave a broker without a connection: is it still version 2.2?');
  }
  return broker as RawBroker;
};

const topicIdRequest = (topic: string): RawRequest<string> => ({
  request: {
    apiKey: METADATA_API,
    apiVersion: METADATA_VERSION,
    apiName: 'Metadata',
    encode: () => {
      const name = Buffer.from(topic);
      const buffer = Buffer.concat([
        Buffer.from([0]), // tagged fields of the request header, which kafkajs writes without
        Buffer.from([2]), // one topic, in the compact form: length + 1
        Buffer.alloc(16), // its id: asked by name
        unsignedVarint(name.length + 1),
        name,
        Buffer.from([0]), // tagged fields of the topic
        Buffer.from([0, 0, 0]), // no automatic creation, no list of permissions, no tagged fields
      ]);
      return Promise.resolve({ buf: buffer, buffer });
    },
  },
  response: {
    // eslint-disable-next-line @typescript-eslint/require-await -- an exception must become a rejection
    decode: async (payload) => decodeTopicId(payload),
    parse: (id) => Promise.resolve(id),
  },
});

/** The first topic's id in a Metadata response of version 12, as 32 hexadecimal digits. */
const decodeTopicId = (payload: Buffer): string => {
  let at = 0;
  const skip = (bytes: number): void => void (at += bytes);
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = payload.readUInt8(at);
      at += 1;
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
  };
  const skipString = (): void => skip(Math.max(0, varint() - 1));
  const skipTags = (): void => {
    for (let tags = varint(); tags > 0; tags -= 1) {
      varint();
      skip(varint());
    }
  };
  skipTags(); // of the response header
  skip(4); // throttle time
  for (let brokers = varint() - 1; brokers > 0; brokers -= 1) {
    skip(4); // node
    skipString(); // host
    skip(4); // port
    skipString(); // rack
    skipTags();
  }
  skipString(); // cluster
  skip(4); // controller
  if (varint() < 2) throw new Error('the broker answered about no topic');
  const error = payload.readInt16BE(at);
  if (error !== 0) throw new Error(`the broker answered with error ${error} when asked for the topic's id`);
  skip(2);
  skipString(); // name
  return payload.toString('hex', at, at + 16);
};

const unsignedVarint = (value: number): Buffer => {
  const bytes: number[] = [];
  let rest = value;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  return Buffer.from([...bytes, rest]);
};
