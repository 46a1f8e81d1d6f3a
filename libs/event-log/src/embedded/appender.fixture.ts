import { openEmbeddedLog } from './embedded-log.js';

/** Run as a child process by the tests: appends until it is killed or fails, and tells its parent what was acknowledged. */
const log = await openEmbeddedLog({ directory: process.argv[2] ?? '', name: 'events', partitions: 3 });
const padding = 'x'.repeat(Number(process.argv[3] ?? 0));
let sent = 0;
const appendForEver = async (): Promise<void> => {
  for (;;) {
    const records = Array.from({ length: 1 + (sent % 7) }, () => {
      sent += 1;
      return { key: `key-${sent % 11}`, value: Buffer.from(`value-${sent}${padding}`) };
    });
    const positions = await log.append(records);
    process.send?.(records.map(({ key, value }, i) => ({ key, value: value.toString(), ...positions[i] })));
  }
};
const outcomes = await Promise.allSettled([appendForEver(), appendForEver(), appendForEver()]);
process.send?.({
  failures: outcomes.map((outcome) => (outcome.status === 'rejected' ? String(outcome.reason) : 'ended')),
  health: log.health(),
});
