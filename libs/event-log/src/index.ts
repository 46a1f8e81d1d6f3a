export * from './counts.js';
export * from './embedded/embedded-log.js';
export { KafkaBus, openKafkaBus, type KafkaBusOptions } from './kafka/kafka-bus.js';
export { KafkaLog, openKafkaLog, type KafkaLogOptions } from './kafka/kafka-log.js';
export { partitionFor } from './partitioner.js';
export type { BatchLimits, LogNotice } from './delivery.js';
export * from './port.js';
