import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoadedSettings } from '@queuecast/settings';

const MIN_LENGTH = 32;

/**
 * The secret that signs session tokens: from the environment variable that `settings.secretEnv` names, otherwise from
 * `<dataDir>/secret`, which is made on first use and readable by its owner only. Several gateways need one and the same
 * secret, hence the environment variable.
 *
 * @throws Error naming the variable or file if the secret is shorter than 32 characters, or the file cannot be used
 */
export const loadSecret = async (
  settings: Pick<LoadedSettings, 'secret' | 'secretEnv' | 'dataDir'>,
): Promise<Uint8Array> => {
  if (settings.secret !== null) return longEnough(settings.secret, `environment variable ${settings.secretEnv}`);
  const path = join(settings.dataDir, 'secret');
  await mkdir(settings.dataDir, { recursive: true });
  await chmod(path, 0o600).catch(async (error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await make(path);
  });
  return longEnough((await readFile(path, 'utf8')).trim(), `file ${path}`);
};

/** Written aside, then linked: of two processes that start at once one makes the secret, and none reads half of it. */
const make = async (path: string): Promise<void> => {
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(aside, randomBytes(48).toString('base64url'), { mode: 0o600, flag: 'wx', flush: true });
  try {
    await link(aside, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await unlink(aside);
  }
};

const longEnough = (secret: string, where: string): Uint8Array => {
  if (secret.length < MIN_LENGTH)
    throw new Error(`the signing secret in ${where} has ${secret.length} characters: give at least ${MIN_LENGTH}`);
  return new TextEncoder().encode(secret);
};
