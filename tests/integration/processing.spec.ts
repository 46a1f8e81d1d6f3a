import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openEmbeddedLog } from '@queuecast/event-log';
import { openStore } from '@queuecast/store';
import { describeProcessing } from './processing.testing.js';

describeProcessing('the embedded log and store', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'queuecast-processing-'));
  return {
    open: async () => {
      const events = await openEmbeddedLog({ directory: join(directory, 'log'), name: 'events', partitions: 4 });
      const deadLetters = await openEmbeddedLog({
        directory: join(directory, 'log'),
        name: 'dead-letters',
        partitions: 1,
      });
      const store = await openStore({ kind: 'embedded', directory: join(directory, 'store') });
      await store.migrate();
      return {
        events,
        deadLetters,
        store,
        close: async () => {
          await store.close();
          await deadLetters.close();
          await events.close();
        },
      };
    },
    dispose: () => rm(directory, { recursive: true, force: true }),
  };
});
