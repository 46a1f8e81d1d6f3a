import { randomBytes } from 'node:crypto';
import { chmod, link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
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
  return longEnough(await keptSecret(path, () => randomBytes(48).toString('base64url')), `file ${path}`);
};

/**
 * A secret that is kept in a file, which is made on first use and readable by its owner only.
 *
 * @param make what a new one is
 */
export const keptSecret = async (path: string, make: () => string): Promise<string> => {
  await mkdir(dirname(path), { recursive: true });
  await chmod(path, 0o600).catch(async (error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    await write(path, make());
  });
  return (await readFile(path, 'utf8')).trim();
};

/** Written aside, then linked: of two processes that start at once one makes the secret, and none reads half of it. */
const write = async (path: string, secret: string): Promise<void> => {
  const aside = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(aside, secret, { mode: 0o600, flag: 'wx', flush: true });
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
