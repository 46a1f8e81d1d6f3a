import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const BLOCK = Buffer.alloc(256 * 1024);

/** A file system of its own at a directory, that a test can fill to the last byte. Linux, as root. */
export class SmallDisk {
  private constructor(private readonly directory: string) {}

  /** Whether this machine lets one be made. */
  static possible(): boolean {
    const directory = mkdtempSync(join(tmpdir(), 'queuecast-mount-'));
    try {
      SmallDisk.at(directory, 1).remove();
      return true;
    } catch {
      return false;
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  }

  /** @throws Error where the machine does not let it be made */
  static at(directory: string, megabytes: number): SmallDisk {
    mkdirSync(directory, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', directory], { stdio: 'ignore' });
    return new SmallDisk(directory);
  }

  /** Leaves no byte free. */
  async fill(): Promise<void> {
    const file = await open(this.ballast, 'a');
    try {
      for (let size = BLOCK.length; size > 0;) {
        try {
          const { bytesWritten } = await file.write(BLOCK, 0, size);
          if (bytesWritten < size) size = Math.floor(size / 2);
        } catch (error) {
          if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
          size = Math.floor(size / 2);
        }
      }
    } finally {
      await file.close();
    }
  }

  /** There is space again. */
  async free(): Promise<void> {
    await rm(this.ballast);
  }

  remove(): void {
    execFileSync('umount', ['-l', this.directory], { stdio: 'ignore' });
  }

  private get ballast(): string {
    return join(this.directory, 'ballast');
  }
}
