import { openKafkaLog } from './kafka-log.js';

/** Run as a child process by the tests: reads, commits what it read again and again, and tells its parent everything. */
const [brokers = '', name = ''] = process.argv.slice(2);
const log = await openKafkaLog({
  brokers: [brokers],
  name,
  partitions: 4,
  timing: { sessionMs: 4_000, heartbeatMs: 300, fetchWaitMs: 20 },
});
const next = new Map<number, number>();
const tell = (message: object): void => void process.send?.(message);

const reader = await log.read('group', {
  assigned: (partition) => {
    tell({ assigned: partition });
    return Promise.resolve();
  },
  revoked: (partition) => {
    next.delete(partition);
    tell({ revoked: partition });
    return Promise.resolve();
  },
  batch: ({ partition, records }) => {
    for (const { offset } of records) next.set(partition, offset + 1);
    tell({ partition, values: records.map((record) => Buffer.from(record.value ?? []).toString()) });
    return Promise.resolve();
  },
});

const commitAll = async (): Promise<void> => {
  for (const [partition, offset] of next) {
    await reader.commit(partition, offset).then(
      () => tell({ committed: partition, offset }),
      (error: Error) => tell({ refused: partition, offset, error: error.name }),
    );
  }
  setTimeout(() => void commitAll(), 100);
};
await commitAll();
