import type { SiteWatermark } from '../port.js';
import type { Table } from './table.js';

export const WATERMARKS: Table<SiteWatermark> = {
  name: 'site_watermarks',
  columns: [
    { name: 'tenant', value: (row) => row.tenant },
    { name: 'site', value: (row) => row.site },
    { name: 'latest', value: (row) => row.latest },
    { name: 'published_from', value: (row) => row.published?.from ?? null },
    { name: 'published_to', value: (row) => row.published?.to ?? null },
    { name: 'version', value: (row) => row.version },
  ],
};
