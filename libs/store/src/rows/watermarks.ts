import type { SiteWatermark } from '../port.js';
import type { Table } from './table.js';

export const WATERMARKS: Table<SiteWatermark> = {
  name: 'site_watermarks',
  columns: [
    { name: 'tenant', value: (row) => row.tenant },
    { name: 'site', value: (row) => row.site },
    { name: 'latest', value: (row) => row.latest },
    { name: 'version', value: (row) => row.version },
  ],
};
