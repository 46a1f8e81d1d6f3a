import type { CallbackForm, CallbackPage, PublicOutlook, TenantPage } from '@queuecast/live';
import { DOCUMENTS, NOW } from './documents.js';

const HOUR = 3_600_000;
const MIDNIGHT = Date.parse('2026-03-04T00:00:00+01:00');

/** Busy in the morning, calmer after noon, a Monday worse than a Friday; open from eight to twenty, on Saturday till one. */
const hours = (load: number): PublicOutlook['hours'] =>
  Array.from({ length: 7 * 24 - 10 }, (_, n) => {
    const at = n + 10;
    const [day, hour] = [Math.floor(at / 24), at % 24];
    const isOpen = day === 4 ? false : day === 3 ? hour >= 9 && hour < 13 : hour >= 8 && hour < 20;
    const from = MIDNIGHT + at * HOUR;
    if (!isOpen) return { from, to: from + HOUR, wait: { kind: 'none', reason: 'CLOSED' } };
    const morning = Math.exp(-(((hour - 10) / 2.2) ** 2)) * 11 + Math.exp(-(((hour - 17) / 1.8) ** 2)) * 6;
    const high = Math.max(1, Math.round((3 + morning) * load * (day === 5 ? 1.5 : 1 - day * 0.05)));
    return { from, to: from + HOUR, wait: { kind: 'band', lowMinutes: Math.floor(high * 0.55), highMinutes: high } };
  });

const NAMES = [
  [
    'full',
    { en: 'Technical support', fr: 'Assistance technique', nl: 'Technische hulp', de: 'Technischer Support' },
    1,
  ],
  ['notice', { en: 'Faults and outages', fr: 'Pannes', nl: 'Storingen', de: 'Störungen' }, 3],
  ['closed', { en: 'New contracts', fr: 'Nouveaux contrats', nl: 'Nieuwe contracten', de: 'Neue Verträge' }, 0.4],
] as const;

const queues = NAMES.map(([id, name, load], n) => {
  const document = { ...DOCUMENTS.find(({ queue }) => queue === id)!, name };
  const { tenant, queue, timeZone, bestTime } = document;
  const history = { from: NOW - 56 * 24 * HOUR, to: NOW };
  return {
    document,
    outlook: { tenant, queue, timeZone, history, bestTime, hours: hours(load) },
    holidays: n === 0 ? ['2026-04-06', '2026-05-01'] : [],
  };
});

/** The page of a tenant with three queues, a history of weeks, and promises that fell due. */
export const tenantPage: TenantPage = {
  tenant: 'stage',
  name: 'Lumina Telecom',
  queues,
  record: { tenant: 'stage', days: 90, due: 412, kept: 377, late: 23, broken: 12 },
  form: null,
};

export const filledForm: CallbackForm = {
  queue: 'full',
  name: NAMES[0][1],
  timeZone: 'Europe/Brussels',
  offer: {
    reason: null,
    dueAt: NOW + 24 * HOUR,
    windows: Array.from({ length: 12 }, (_, n) => ({
      from: MIDNIGHT + (11 + n) * HOUR,
      to: MIDNIGHT + (12 + n) * HOUR,
      free: n !== 2,
    })).slice(0, 9),
    consent: {
      version: '1',
      text: { en: 'I agree that my number is kept until I have been called back, and for nothing else.' },
    },
    region: 'BE',
    puzzle: null,
  },
  key: 'stage',
  codeChallenge: null,
  values: { number: '0470 12', window: '', consent: true },
  problem: {
    title: 'This cannot be taken as it is',
    detail: 'This is no telephone number: write it as you would dial it, or with + and the country code.',
    fields: {
      number: 'This is no telephone number: write it as you would dial it, or with + and the country code.',
    },
  },
};

export const callbackPage: CallbackPage = {
  tenant: 'stage',
  tenantName: 'Lumina Telecom',
  queue: 'full',
  name: NAMES[0][1],
  timeZone: 'Europe/Brussels',
  state: 'promised',
  dueAt: MIDNIGHT + 15 * HOUR,
  window: { from: MIDNIGHT + 14 * HOUR, to: MIDNIGHT + 15 * HOUR },
  attempts: 1,
  closedAt: null,
  canChange: true,
  windows: filledForm.offer?.windows ?? [],
  problem: null,
};
