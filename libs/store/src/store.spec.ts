import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CONTRACT_NOW, storeContract } from './contract.js';
import { openStore } from './store.js';

const directory = mkdtempSync(join(tmpdir(), 'queuecast-store-'));

storeContract(
  'embedded',
  () => openStore({ kind: 'embedded', directory, now: () => CONTRACT_NOW }),
  async () => rmSync(directory, { recursive: true }),
);
