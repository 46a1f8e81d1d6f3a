import { afterAll, beforeAll, describe } from 'vitest';
import { agentsContract } from './agents-contract.testing.js';
import { attributionContract } from './attribution-contract.testing.js';
import { callbacksContract } from './callbacks-contract.testing.js';
import { siteKey } from './facts.testing.js';
import { forecastsContract } from './forecasts-contract.testing.js';
import { factsContract } from './facts-contract.testing.js';
import { intervalsContract } from './intervals-contract.testing.js';
import type { Store } from './port.js';
import { journeysContract } from './journeys-contract.testing.js';
import { recoveryContract } from './recovery-contract.testing.js';
import { reportsContract } from './reports-contract.testing.js';
import { windowsContract } from './windows-contract.testing.js';
import { waitHistoryContract } from './wait-history-contract.testing.js';

export { CONTRACT_NOW } from './contract-subject.testing.js';

/** What every adapter of the store must do. Tests use a tenant of their own each, and leave their rows behind. */
export const storeContract = (adapter: string, open: () => Promise<Store>, shut: () => Promise<void>): void => {
  describe(`store contract: ${adapter}`, () => {
    let store: Store;
    let tenants = 0;
    const subject = {
      get store() {
        return store;
      },
      fresh: (site = 'main') => siteKey(`${adapter}-${(tenants += 1)}`, site),
    };

    beforeAll(async () => {
      store = await open();
      await store.migrate();
    });
    afterAll(async () => {
      await store.close();
      await shut();
    });

    factsContract(subject);
    intervalsContract(subject);
    attributionContract(subject);
    agentsContract(subject);
    callbacksContract(subject);
    journeysContract(subject);
    forecastsContract(subject);
    windowsContract(subject);
    waitHistoryContract(subject);
    recoveryContract(subject);
    reportsContract(subject);
  });
};
