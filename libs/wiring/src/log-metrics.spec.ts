import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Metrics } from '@queuecast/http';
import { settingsSchema } from '@queuecast/settings';
import { afterEach, describe, expect, it } from 'vitest';
import { Ports } from './open-ports.js';

const dataDir = mkdtempSync(join(tmpdir(), 'queuecast-ports-'));
let ports: Ports;

afterEach(async () => {
  await ports.close();
  rmSync(dataDir, { recursive: true, force: true });
});

describe('what a log counts', () => {
  it('is in the metrics of its process, log by log', async () => {
    const metrics = new Metrics({ processMetrics: false });
    ports = new Ports(settingsSchema.parse({ dataDir }), 'process', metrics);
    const events = await ports.events();
    await ports.deadLetters();
    await events.append([{ key: 'acme/main', value: Buffer.from('{}') }]);
    await new Promise<void>((taken) => {
      let calls = 0;
      void events.read('processor', {
        assigned: () => Promise.resolve(),
        revoked: () => Promise.resolve(),
        batch: () => (calls++ === 0 ? Promise.reject(new Error('not yet')) : Promise.resolve(taken())),
      });
    });
    const shown = await metrics.registry.metrics();
    expect(shown).toContain('queuecast_log_failed_deliveries_total{log="events"} 1\n');
    expect(shown).toContain('queuecast_log_failed_deliveries_total{log="dead-letters"} 0\n');
    expect(shown).toContain('queuecast_log_trimmed_uncommitted_total{log="events"} 0\n');
  });
});
