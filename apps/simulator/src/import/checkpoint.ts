import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const stateSchema = z.strictObject({ format: z.literal(1), taken: z.int().min(0) });

/**
 * How far an import got: the number of events, in their fixed order, that the receiver has for good. It belongs to one
 * file, mapping, selection and receiver; anything else has a checkpoint of its own.
 */
export class Checkpoint {
  constructor(readonly file: string) {}

  /**
   * @param directory where the file is kept
   * @param identity everything that decides which events are sent, in which order, and to whom
   */
  static for(directory: string, identity: unknown): Checkpoint {
    const hash = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 16);
    return new Checkpoint(join(directory, `.import-${hash}.json`));
  }

  /** Events taken so far; 0 when there is no checkpoint, or one that cannot be read (then everything is sent again). */
  async read(): Promise<number> {
    let text: string;
    try {
      text = await readFile(this.file, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
      throw error;
    }
    try {
      return stateSchema.parse(JSON.parse(text)).taken;
    } catch {
      return 0;
    }
  }

  /** Replaces the checkpoint in one step, so that a kill at any instant leaves the old or the new one. */
  async write(taken: number): Promise<void> {
    await mkdir(dirname(this.file), { recursive: true });
    const draft = `${this.file}.new`;
    const handle = await open(draft, 'w');
    try {
      await handle.writeFile(JSON.stringify({ format: 1, taken }));
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(draft, this.file);
  }

  /** The import is complete: nothing to go on from. */
  async remove(): Promise<void> {
    await rm(this.file, { force: true });
  }
}
