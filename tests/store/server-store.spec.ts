import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore } from '@queuecast/store';
import { CONTRACT_NOW, storeContract } from '../../libs/store/src/contract.js';
import { ClickHouseHttpFront } from '../support/clickhouse-http-front.js';

const directory = mkdtempSync(join(tmpdir(), 'queuecast-front-'));
let front: ClickHouseHttpFront | null = null;

// The same contract through the real client's HTTP connection.
storeContract(
  'server',
  async () => {
    front = await ClickHouseHttpFront.start({ directory });
    return openStore({ kind: 'server', url: front.url, now: () => CONTRACT_NOW });
  },
  async () => {
    await front?.close();
    rmSync(directory, { recursive: true });
  },
);
