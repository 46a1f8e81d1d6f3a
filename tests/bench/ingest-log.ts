import { openEmbeddedLog, openKafkaLog, type EventLog } from '@queuecast/event-log';

/** Which log a measurement reads: one on disk, or the topics of a broker. */
export type LogPlace =
  | { readonly kind: 'embedded'; readonly directory: string }
  | { readonly kind: 'kafka'; readonly brokers: readonly string[] };

const EMBEDDED_PARTITIONS = 4;
const KAFKA_PARTITIONS = 6;

/** Opens one topic of the place, as the product does. */
export const openLog = (place: LogPlace, name: 'events' | 'dead-letters'): Promise<EventLog> =>
  place.kind === 'embedded'
    ? openEmbeddedLog({
        directory: place.directory,
        name,
        partitions: name === 'events' ? EMBEDDED_PARTITIONS : 1,
      })
    : openKafkaLog({
        brokers: [...place.brokers],
        topicPrefix: 'bench',
        name,
        partitions: name === 'events' ? KAFKA_PARTITIONS : 1,
      });
