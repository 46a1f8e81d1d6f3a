import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { NumberSeal, parseSealingKeys } from '@queuecast/callbacks';
import { keptSecret } from '@queuecast/http';
import type { Settings } from '@queuecast/settings';
import { MissingServerError } from './open-ports.js';

/**
 * What seals the numbers that customers leave: by the keys of the settings, otherwise by one in `<dataDir>/number-keys`,
 * which is made on first use and readable by its owner only.
 *
 * @param sharing `servers`: other processes have the other roles and must open what this one seals, so that keys of the
 *   settings are needed as soon as a queue promises to call back
 * @throws Error naming the setting if the keys are none; MissingServerError if they are needed and absent
 */
export const loadNumberSeal = async (settings: Settings, sharing: 'process' | 'servers'): Promise<NumberSeal> => {
  const { numberKeys } = settings.callbacks;
  if (numberKeys !== undefined) return sealBy(numberKeys, 'callbacks.numberKeys (QUEUECAST_NUMBER_KEYS)');
  const offers = settings.tenants.some(({ queues }) => queues.some(({ callbacks }) => callbacks.offer !== 'never'));
  if (sharing === 'servers' && offers)
    throw new MissingServerError(
      'callbacks.numberKeys is not set: a role in a process of its own shares the keys of numbers with the others. ' +
        'Set QUEUECAST_NUMBER_KEYS=k1:$(openssl rand -base64 32), the same for every role.',
    );
  // Nothing is sealed without an offer; whoever needs no file gets none.
  if (sharing === 'servers') return new NumberSeal([{ id: 'none', key: randomBytes(32) }]);
  const path = join(settings.dataDir, 'number-keys');
  return sealBy(await keptSecret(path, () => `k1:${randomBytes(32).toString('base64url')}`), `file ${path}`);
};

const sealBy = (text: string, where: string): NumberSeal => {
  try {
    return new NumberSeal(parseSealingKeys(text));
  } catch (error) {
    throw new Error(`${where}: ${(error as Error).message}`, { cause: error });
  }
};
