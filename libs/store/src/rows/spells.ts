import type { SpellFact } from '@queuecast/contact-center';
import type { AgentId, AgentState, Instant, QueueId, SiteId, TenantId } from '@queuecast/events';
import type { Table } from './table.js';

export const SPELLS: Table<SpellFact> = {
  name: 'agent_spells',
  columns: [
    { name: 'tenant', value: (spell) => spell.tenant },
    { name: 'site', value: (spell) => spell.site },
    { name: 'agent', value: (spell) => spell.agent },
    { name: 'from_at', value: (spell) => spell.from },
    { name: 'to_at', value: (spell) => spell.to },
    { name: 'state', value: (spell) => spell.state },
    { name: 'reason', value: (spell) => spell.reason },
    { name: 'queues', value: (spell) => spell.queues },
    { name: 'source', value: (spell) => spell.source },
    { name: 'version', value: (spell) => spell.version },
  ],
};

/** Select list that {@link spellOf} reads. */
export const SPELL_COLUMNS =
  'tenant, site, agent, toUnixTimestamp64Milli(from_at) AS from_ms, toUnixTimestamp64Milli(to_at) AS to_ms, state, reason, queues, source, version';

/** A row of {@link SPELL_COLUMNS} as JSON gives it: 64-bit integers are quoted. */
export type SpellRecord = [
  tenant: string,
  site: string,
  agent: string,
  from: string,
  to: string | null,
  state: string,
  reason: string | null,
  queues: string[],
  source: string,
  version: string,
];

export const spellOf = ([
  tenant,
  site,
  agent,
  from,
  to,
  state,
  reason,
  queues,
  source,
  version,
]: SpellRecord): SpellFact => ({
  tenant: tenant as TenantId,
  site: site as SiteId,
  agent: agent as AgentId,
  from: Number(from) as Instant,
  to: to === null ? null : (Number(to) as Instant),
  state: state as AgentState,
  reason,
  queues: queues as QueueId[],
  source,
  version: Number(version),
});
