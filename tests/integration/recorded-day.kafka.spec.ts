import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore, type Store } from '@queuecast/store';
import { TestBroker, withoutKafka } from '../../libs/event-log/src/kafka/kafka.testing.js';
import { digestFacts, type FactDigest } from '../support/fact-digest.js';
import { totals } from '../support/processing.js';
import { RoleProcess } from '../support/roles.js';
import { vanadReference, type VanadQueueDay } from '../support/vanad-reference.js';

const RECORDING = resolve('../shared/data/vanad-2014/2014-03.csv.gz');
const DAY = '2014-03-03';
const MAP = resolve('apps/simulator/maps/vanad-2014.yaml');
const KEY = 'a-key-for-the-recorded-day';
const IMPORT = [
  '--file',
  RECORDING,
  '--map',
  MAP,
  '--date',
  DAY,
  '--speed',
  'max',
  '--tenant',
  'vanad',
  '--site',
  'main',
];

/** One recorded day, imported in two ways that must not differ: by queue against a plain script, and row by row. */
describe.skipIf(!existsSync(RECORDING))('a recorded day', () => {
  let directory: string;
  let embedded: FactDigest;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'queuecast-recorded-'));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  const expectReference = async (store: Store): Promise<void> => {
    const expected = vanadReference(RECORDING, DAY);
    const found = await totals(store, 'vanad');
    const day = (queue: string): VanadQueueDay => {
      const sums = found.get(queue) ?? {};
      return {
        offered: sums['offered'] ?? 0,
        answered: sums['answered'] ?? 0,
        // The recording knows no short abandons.
        abandoned: (sums['abandoned'] ?? 0) + (sums['short_abandoned'] ?? 0),
        totalWaitMs: sums['total_wait'] ?? 0,
        answeredWaitMs: (sums['asa'] ?? 0) * (sums['answered'] ?? 0),
      };
    };
    expect([...found.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [queue, wanted] of expected) {
      const { answeredWaitMs, ...exact } = day(queue);
      const { answeredWaitMs: wantedWait, ...wantedExact } = wanted;
      expect({ queue, ...exact }).toEqual({ queue, ...wantedExact });
      expect(answeredWaitMs).toBeCloseTo(wantedWait, 3);
    }
  };

  it('imported into an empty data directory equals the plain script, per queue; importing twice changes nothing', async () => {
    const dataDir = join(directory, 'data');
    const digests: FactDigest[] = [];
    for (const run of ['first', 'second']) {
      const { code, printed } = await RoleProcess.finish(
        'apps/simulator/src/import.js',
        [...IMPORT, '--data-dir', dataDir],
        directory,
      );
      expect({ run, code, printed }).toMatchObject({ run, code: 0 });
      const store = await openStore({ kind: 'embedded', directory: join(dataDir, 'store') });
      await expectReference(store);
      digests.push(await digestFacts(store));
      await store.close();
    }
    expect(digests[1]).toEqual(digests[0]);
    embedded = digests[0] as FactDigest;
  });

  describe.skipIf(withoutKafka)('through Kafka with two processors', () => {
    const broker = new TestBroker();
    const processes: RoleProcess[] = [];
    beforeAll(async () => {
      await broker.start();
    });
    afterAll(async () => {
      for (const running of processes) await running.kill();
      await broker.remove();
    });
    const start = async (...options: Parameters<typeof RoleProcess.start>): Promise<RoleProcess> => {
      const running = await RoleProcess.start(...options);
      processes.push(running);
      return running;
    };

    it('one of them killed midway: identical rows', async () => {
      const front = await start('tests/support/clickhouse-http-front.js', /http:\/\/\S+/, {
        arguments: ['--dir', join(directory, 'front')],
      });
      const settings = join(directory, 'queuecast.yaml');
      const sha256 = createHash('sha256').update(KEY).digest('hex');
      await writeFile(settings, JSON.stringify({ tenants: [{ id: 'vanad', apiKeys: [{ name: 'import', sha256 }] }] }));
      const environment = {
        QUEUECAST_CONFIG: settings,
        QUEUECAST_PORT: '0',
        QUEUECAST_DATA_DIR: join(directory, 'roles'),
        QUEUECAST_KAFKA_BROKERS: broker.brokers.join(','),
        QUEUECAST_CLICKHOUSE_URL: front.announced,
      };
      const role = (name: string): Promise<RoleProcess> =>
        start(`apps/${name}/src/main.js`, new RegExp(`${name} up: (http://\\S+)`), { environment });
      const processors = [await role('processor'), await role('processor')];
      const collector = await role('collector');

      const importing = RoleProcess.finish(
        'apps/simulator/src/import.js',
        [...IMPORT, '--to', collector.announced, '--key', KEY],
        directory,
      );
      const folded = (processor: RoleProcess): Promise<number> => processor.metric('queuecast_processor_records_total');
      let busy: RoleProcess | undefined;
      await expect
        .poll(
          async () => {
            for (const processor of processors) if ((await folded(processor)) > 5_000) busy = processor;
            return busy !== undefined;
          },
          { timeout: 120_000, interval: 50 },
        )
        .toBe(true);
      await busy?.kill();
      expect(await importing).toMatchObject({ code: 0 });

      const store = await openStore({ kind: 'server', url: front.announced });
      await expect.poll(() => digestFacts(store), { timeout: 120_000, interval: 1_000 }).toEqual(embedded);
      await expectReference(store);
      await store.close();
      const survivor = processors.find((processor) => processor !== busy) as RoleProcess;
      expect(await folded(survivor)).toBeGreaterThan(0);
    });
  });
});
