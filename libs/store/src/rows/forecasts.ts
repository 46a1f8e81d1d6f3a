import type { WaitForecast } from '../port.js';
import type { Table } from './table.js';

export const FORECASTS: Table<WaitForecast> = {
  name: 'wait_forecasts',
  columns: [
    { name: 'tenant', value: (row) => row.tenant },
    { name: 'site', value: (row) => row.site },
    { name: 'queue', value: (row) => row.queue },
    { name: 'contact', value: (row) => row.contact },
    { name: 'leg', value: (row) => row.leg },
    { name: 'anchor', value: (row) => row.anchor },
    { name: 'made_at', value: (row) => row.madeAt },
    { name: 'predictor', value: (row) => row.predictor },
    { name: 'reason', value: (row) => row.reason ?? '' },
    { name: 'low_ms', value: (row) => row.band?.lowMs ?? null },
    { name: 'p50_ms', value: (row) => row.band?.p50Ms ?? null },
    { name: 'high_ms', value: (row) => row.band?.highMs ?? null },
    { name: 'forecasts', value: (row) => JSON.stringify(row.forecasts), isObjectText: true },
    { name: 'version', value: (row) => row.version },
  ],
};
