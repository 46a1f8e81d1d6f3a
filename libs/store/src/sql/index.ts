import { contactLegs } from './0001_contact_legs.js';
import { agentSpells } from './0002_agent_spells.js';
import { contacts } from './0003_contacts.js';
import { events } from './0004_events.js';
import { queueIntervals } from './0005_queue_intervals.js';
import { logGenerations } from './0006_log_generations.js';
import { attribution } from './0007_attribution.js';
import { siteWatermarks } from './0008_site_watermarks.js';
import { publishedIntervals } from './0009_published_intervals.js';
import { firstOfEvents } from './0010_first_of_events.js';
import { shownPositions } from './0011_shown_positions.js';
import { intervalsByDay } from './0012_intervals_by_day.js';
import { callbacks } from './0013_callbacks.js';
import { waitForecasts } from './0014_wait_forecasts.js';
import { estimatorStates } from './0015_estimator_states.js';
import { minutesByQuarter } from './0016_minutes_by_quarter.js';
import { spellSources } from './0017_spell_sources.js';
import { callbacksByNumber } from './0018_callbacks_by_number.js';
import { decidedWaits } from './0019_decided_waits.js';
import type { Migration } from './migration.js';

export type { Migration } from './migration.js';

/** The schema, step by step. */
export const MIGRATIONS: readonly Migration[] = [
  contactLegs,
  agentSpells,
  contacts,
  events,
  queueIntervals,
  logGenerations,
  attribution,
  siteWatermarks,
  publishedIntervals,
  firstOfEvents,
  shownPositions,
  intervalsByDay,
  callbacks,
  waitForecasts,
  estimatorStates,
  minutesByQuarter,
  spellSources,
  callbacksByNumber,
  decidedWaits,
];
