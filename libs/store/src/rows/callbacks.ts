import type { CallbackRow } from '@queuecast/callbacks';
import type { Table } from './table.js';

export const CALLBACKS: Table<CallbackRow> = {
  name: 'callbacks',
  columns: [
    { name: 'tenant', value: (row) => row.tenant },
    { name: 'site', value: (row) => row.site },
    { name: 'id', value: (row) => row.id },
    { name: 'queue', value: (row) => row.queue },
    { name: 'contact', value: (row) => row.contact },
    { name: 'leg', value: (row) => row.leg },
    { name: 'state', value: (row) => row.state },
    { name: 'promised_at', value: (row) => row.promisedAt },
    { name: 'due_at', value: (row) => row.dueAt },
    { name: 'closed_at', value: (row) => row.closedAt },
    { name: 'profile', value: (row) => row.profile },
    { name: 'origin', value: (row) => row.origin },
    { name: 'channel', value: (row) => row.channel },
    { name: 'language', value: (row) => row.language },
    { name: 'caller_key', value: (row) => row.callerKey },
    { name: 'duplicate_of', value: (row) => row.duplicateOf },
    { name: 'attempts', value: (row) => row.attempts },
    { name: 'moves', value: (row) => row.moves },
    { name: 'delivered_at', value: (row) => row.deliveredAt },
    { name: 'pending', value: (row) => row.pending },
    { name: 'marks', value: (row) => row.marks, isObjectText: true },
    { name: 'version', value: (row) => row.version },
  ],
};
