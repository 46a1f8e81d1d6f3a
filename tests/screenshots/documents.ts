import type { PublicQueue } from '@queuecast/live';

/** The instant at which every picture is taken: Wednesday 4 March 2026, 10:24:10 in Brussels. */
export const NOW = Date.parse('2026-03-04T10:24:10+01:00');
const at = (time: string, day = '2026-03-04'): number => Date.parse(`${day}T${time}:00+01:00`);

const NAME = { en: 'Technical support', fr: 'Assistance technique', nl: 'Technische hulp', de: 'Technischer Support' };
const WEEK = ['2026-03-04', '2026-03-05', '2026-03-06', '2026-03-07', '2026-03-08', '2026-03-09', '2026-03-10'];

const open: PublicQueue & { readonly rightOf10: number } = {
  tenant: 'stage',
  queue: 'open',
  name: NAME,
  opening: { state: 'open', until: at('20:00'), by: 'calendar' },
  hours: WEEK.map((date, n) => ({ date, spans: n === 4 ? [] : [n === 3 ? ['09:00', '13:00'] : ['08:00', '20:00']] })),
  timeZone: 'Europe/Brussels',
  wait: { kind: 'band', lowMinutes: 8, highMinutes: 12 },
  bestTime: { today: null, week: null },
  notices: [],
  rightOf10: 8,
  callbackOffered: false,
  asOf: NOW - 4_000,
  source: 'live',
};
const bestTime = {
  today: { from: at('14:00'), to: at('15:00'), lowMinutes: 2, highMinutes: 4 },
  week: null,
};
const fault = {
  id: 'cable',
  severity: 'critical',
  text: {
    en: 'A broken cable in Ghent: engineers are on site. You need not call to report it.',
    fr: 'Un câble est rompu à Gand : nos techniciens sont sur place. Inutile d’appeler pour le signaler.',
    nl: 'Kabelbreuk in Gent: onze technici zijn ter plaatse. U hoeft dit niet te melden.',
    de: 'Kabelbruch in Gent: Techniker sind vor Ort. Sie müssen ihn nicht melden.',
  },
  until: null,
} as const;
const busy = {
  id: 'busy',
  severity: 'warning',
  text: { en: 'Calls are far more than usual this morning.' },
  until: null,
} as const;
const invoices = {
  id: 'invoices',
  severity: 'info',
  text: { en: 'Invoices of February are in the post.' },
  until: null,
} as const;

/** One document for each thing that a queue can be. */
export const DOCUMENTS: readonly (typeof open)[] = [
  open,
  { ...open, queue: 'short', wait: { kind: 'band', lowMinutes: 0, highMinutes: 2 }, rightOf10: 9 },
  { ...open, queue: 'full', bestTime, callbackOffered: true },
  {
    ...open,
    queue: 'closed',
    opening: { state: 'closed', until: at('08:00', '2026-03-05'), by: 'calendar' },
    wait: { kind: 'none', reason: 'CLOSED' },
  },
  { ...open, queue: 'abstaining', wait: { kind: 'none', reason: 'SHOCK' } },
  { ...open, queue: 'unstaffed', wait: { kind: 'none', reason: 'NO_AGENTS' }, callbackOffered: true },
  {
    ...open,
    queue: 'notice',
    wait: { kind: 'band', lowMinutes: 35, highMinutes: 50 },
    rightOf10: 7,
    notices: [fault],
    callbackOffered: true,
  },
  { ...open, queue: 'notices', notices: [fault, busy, invoices] },
];
