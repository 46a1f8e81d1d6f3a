import kafkajs, { type Admin } from 'kafkajs';
import { LogMisconfiguredError } from '../port.js';

/** What a topic of Queuecast must be. */
export interface TopicSpecification {
  readonly topic: string;
  /** For a topic that does not exist; one that does keeps the number it has. */
  readonly partitions: number;
  /** For a topic that does not exist; one that does must have at least this many replicas. */
  readonly replicationFactor: number;
  /** `delete`: a log, every record kept for the retention. `compact`: the latest record of each key. */
  readonly cleanup: 'delete' | 'compact';
  /** For a topic that does not exist. */
  readonly retentionHours: number;
  /** For a topic that does not exist: largest batch of records, bytes. */
  readonly maxMessageBytes: number;
}

export interface FoundTopic {
  readonly partitions: number;
  /** Largest batch of records that the topic takes, bytes. */
  readonly maxMessageBytes: number;
}

const MS_PER_HOUR = 3_600_000;

/**
 * Makes the topic if it is absent, and checks it otherwise. Throws {@link LogMisconfiguredError}, which names the
 * setting, what was found, what is wanted and the remedy, if the topic would lose, reorder or misdate events.
 *
 * Any number of partitions is accepted: the number is part of the log's identity, and a log that was repartitioned is
 * a new generation.
 */
export const ensureTopic = async (admin: Admin, specification: TopicSpecification): Promise<FoundTopic> => {
  const { topic } = specification;
  const known = await admin.listTopics();
  if (!known.includes(topic)) {
    await admin.createTopics({
      topics: [
        {
          topic,
          numPartitions: specification.partitions,
          replicationFactor: specification.replicationFactor,
          configEntries: Object.entries(settingsOf(specification)).map(([name, value]) => ({ name, value })),
        },
      ],
      timeout: 5_000,
    });
  }
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  const partitions = topics.find((each) => each.name === topic)?.partitions ?? [];
  const settings = await describe(admin, topic);
  const replicas = Math.min(...partitions.map((partition) => partition.replicas.length));
  const faults = [...faultsOf(specification, settings), ...replicaFaults(specification, replicas)];
  if (faults.length > 0) {
    throw new LogMisconfiguredError(
      `Kafka topic "${topic}" would not keep events as Queuecast needs it: ${faults.join('; ')}`,
    );
  }
  return { partitions: partitions.length, maxMessageBytes: Number(settings.get('max.message.bytes') ?? 1_048_588) };
};

const settingsOf = (specification: TopicSpecification): Record<string, string> => ({
  'cleanup.policy': specification.cleanup,
  // The log's clock, not the sender's: a sender with a wrong clock would have its records removed at once, or never.
  'message.timestamp.type': 'LogAppendTime',
  'max.message.bytes': String(specification.maxMessageBytes),
  'min.insync.replicas': String(minInsync(specification.replicationFactor)),
  ...(specification.cleanup === 'delete'
    ? { 'retention.ms': String(specification.retentionHours * MS_PER_HOUR) }
    : {
        // Frames repeat several times a second: small segments, compacted soon, keep the topic short to read whole.
        'segment.bytes': String(32 * 1_048_576),
        'segment.ms': String(10 * 60_000),
        'min.cleanable.dirty.ratio': '0.2',
      }),
});

/** With more than one replica an acknowledged record is on two. */
const minInsync = (replicationFactor: number): number => (replicationFactor > 1 ? 2 : 1);

const describe = async (admin: Admin, topic: string): Promise<ReadonlyMap<string, string>> => {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [
      {
        type: kafkajs.ConfigResourceTypes.TOPIC,
        name: topic,
        configNames: [
          'cleanup.policy',
          'message.timestamp.type',
          'max.message.bytes',
          'min.insync.replicas',
          'retention.ms',
        ],
      },
    ],
  });
  return new Map(resources[0]?.configEntries.map((entry) => [entry.configName, entry.configValue]));
};

const faultsOf = (specification: TopicSpecification, settings: ReadonlyMap<string, string>): string[] => {
  const wanted = settingsOf(specification);
  const fault = (name: string, want: string, why: string): string =>
    `${name} is ${settings.get(name)} and must be ${want} (${why}): kafka-configs.sh --bootstrap-server <broker> --alter ` +
    `--entity-type topics --entity-name ${specification.topic} --add-config ${name}=${want}`;
  const faults: string[] = [];
  const exactly = (name: string, why: string): void => {
    const want = wanted[name] ?? '';
    if (settings.get(name) !== want) faults.push(fault(name, want, why));
  };
  exactly(
    'cleanup.policy',
    specification.cleanup === 'delete'
      ? 'compaction removes all but the last event of a site'
      : 'it would grow without end',
  );
  exactly('message.timestamp.type', 'retention must go by the log’s clock, not by the senders’');
  const retention = Number(settings.get('retention.ms'));
  if (specification.cleanup === 'delete' && retention >= 0 && retention < MS_PER_HOUR) {
    faults.push(fault('retention.ms', wanted['retention.ms'] ?? '', 'less than an hour is lost during any outage'));
  }
  if (Number(settings.get('min.insync.replicas')) < minInsync(specification.replicationFactor)) {
    faults.push(
      fault(
        'min.insync.replicas',
        wanted['min.insync.replicas'] ?? '',
        'an acknowledged event must survive one broker',
      ),
    );
  }
  return faults;
};

const replicaFaults = (specification: TopicSpecification, replicas: number): string[] =>
  replicas >= specification.replicationFactor
    ? []
    : [
        `it has ${replicas} replica${replicas === 1 ? '' : 's'} and the setting kafka.replicationFactor wants ` +
          `${specification.replicationFactor}: add replicas with kafka-reassign-partitions.sh, or lower the setting`,
      ];
