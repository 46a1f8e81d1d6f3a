import type { z } from 'zod';
import { MAX_INTERVAL_ROWS } from '@queuecast/store';
import { checkRange, limitUpTo, PARAMETERS, queryOf } from './parameters.js';

const {
  from,
  to,
  queue,
  site,
  grain,
  timeZone,
  businessDayStart,
  attribution,
  agentAttribution,
  thresholdSeconds,
  shortAbandonSeconds,
  metrics,
  repeatDays,
  queueGroup,
  by,
  channel,
  channels,
  agent,
  window,
  limit,
  cursor,
  tenant,
} = PARAMETERS;
/** Of each queue there is a week of hours. */
const MOST_OUTLOOKS = 50;
const page = { limit, cursor, tenant };
const rangePage = { from, to, queue, ...page };

/** The query of `GET /v1/reports/intervals`. */
export const intervalQuery = queryOf({
  ...rangePage,
  limit: limitUpTo(MAX_INTERVAL_ROWS),
  grain,
  timeZone,
  businessDayStart,
  attribution,
  channels,
  thresholdSeconds,
  shortAbandonSeconds,
  metrics,
  repeatDays,
  queueGroup,
}).superRefine(checkRange);
export type IntervalQuery = z.output<typeof intervalQuery>;

/** The query of `GET /v1/reports/ledger`. */
export const ledgerQuery = queryOf({
  ...rangePage,
  grain,
  timeZone,
  businessDayStart,
  attribution,
  shortAbandonSeconds,
}).superRefine(checkRange);
export type LedgerQuery = z.output<typeof ledgerQuery>;

/** The query of `GET /v1/reports/contacts`. */
export const contactsQuery = queryOf({
  ...rangePage,
  site,
  channel,
  attribution,
  class: PARAMETERS.class,
  agent,
  shortAbandonSeconds,
}).superRefine(checkRange);
export type ContactsQuery = z.output<typeof contactsQuery>;

/** The query of `GET /v1/corrections`. */
export const correctionsQuery = queryOf({ ...rangePage, channel, metrics }).superRefine(checkRange);
export type CorrectionsQuery = z.output<typeof correctionsQuery>;

/** The query of `GET /v1/reports/agents`. */
export const agentsQuery = queryOf({
  ...rangePage,
  by,
  grain,
  timeZone,
  businessDayStart,
  attribution: agentAttribution,
  metrics,
}).superRefine(checkRange);
export type AgentsQuery = z.output<typeof agentsQuery>;

/** The query of `GET /v1/reports/estimates`. */
export const estimatesQuery = queryOf({
  ...rangePage,
  grain: grain.removeDefault().default('hour'),
  timeZone,
  businessDayStart,
}).superRefine(checkRange);
export type EstimatesQuery = z.output<typeof estimatesQuery>;

/** The query of `GET /v1/reports/outlook`. */
export const outlookQuery = queryOf({
  queue: queue
    .unwrap()
    .refine((ids) => ids.length <= MOST_OUTLOOKS, `at most ${MOST_OUTLOOKS} may be given`)
    .meta({ description: 'Queue id; repeat it for several.' }),
  tenant,
});
export type OutlookQuery = z.output<typeof outlookQuery>;

/** The query of `GET /v1/reports/callbacks`. */
export const callbacksQuery = queryOf({ ...rangePage, grain, timeZone, businessDayStart, metrics }).superRefine(
  checkRange,
);
export type CallbacksQuery = z.output<typeof callbacksQuery>;

/** The query of `GET /v1/reports/windows`. */
export const windowsQuery = queryOf({
  window,
  queue,
  attribution,
  thresholdSeconds,
  shortAbandonSeconds,
  metrics,
  repeatDays,
  queueGroup,
  ...page,
});
export type WindowsQuery = z.output<typeof windowsQuery>;
