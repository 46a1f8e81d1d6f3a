import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory of its own for what a benchmark writes; removed when `work` ends, however it ends. */
export const inScratch = async <Result>(work: (directory: string) => Promise<Result>): Promise<Result> => {
  const directory = mkdtempSync(join(tmpdir(), 'queuecast-bench-'));
  const remove = (): void => rmSync(directory, { recursive: true, force: true });
  // An interrupted benchmark must not leave gigabytes behind.
  const interrupted = (): void => process.exit(130);
  process.once('exit', remove);
  process.once('SIGINT', interrupted);
  process.once('SIGTERM', interrupted);
  try {
    return await work(directory);
  } finally {
    remove();
    process.removeListener('exit', remove);
    process.removeListener('SIGINT', interrupted);
    process.removeListener('SIGTERM', interrupted);
  }
};
