import { seconds, type CentreModel, type QueueModel, type Shift, type TeamModel } from '../centre/model.js';
import { voiceQueue, webQueue } from '../centre/queues.js';
import { FAULT_DESK_HOURS, SALES_HOURS } from './tenants.js';

const MINUTE = 60_000;

/** Flat, so that it is busy whenever somebody looks; the swell of each queue makes it move. */
const ALWAYS_BUSY = Array.from({ length: 24 }, () => 1);
const EVERY_DAY = Array.from({ length: 7 }, () => 1);

const flat = (perHour: number, swellMinutes: number, amplitude: number, phase: number) => ({
  arrivalsPerDay: perHour * 24,
  dayCurve: ALWAYS_BUSY,
  weekCurve: EVERY_DAY,
  hours: 'always' as const,
  swell: { periodMs: swellMinutes * MINUTE, amplitude, phase },
});

const SHIFTS = [
  ['23:55', '08:00'],
  ['07:55', '16:00'],
  ['15:55', '24:00'],
] as const;

/** A team with the same number of agents in each of three shifts. */
const team = (id: string, agents: number, skills: Readonly<Record<string, number>>): TeamModel => ({
  id,
  skills,
  shifts: SHIFTS.map(([start, end]): Shift => ({ start, end, agents })),
  breaks: { count: 3, duration: seconds(420, 0.3) },
});

const TELECOM_QUEUES: readonly QueueModel[] = [
  voiceQueue({
    id: 'technical-support',
    entryPoint: '+32 800 55 110',
    talk: seconds(330, 0.8),
    wrap: seconds(40, 0.6),
    ...flat(144, 47, 0.35, 0),
    transfer: { to: 'billing', share: 0.06, consultedShare: 0.4 },
    callback: { afterMs: 2.5 * MINUTE, takenShare: 0.25, later: seconds(1500, 0.3) },
    patience: { kind: 'lognormal', ...seconds(540, 1) },
  }),
  voiceQueue({
    id: 'billing',
    entryPoint: '+32 800 55 120',
    talk: seconds(260, 0.8),
    ...flat(93, 61, 0.25, 1),
    transfer: { to: 'technical-support', share: 0.08, consultedShare: 0.3 },
  }),
  voiceQueue({
    id: 'sales',
    entryPoint: '+32 800 55 130',
    talk: seconds(300, 0.8),
    ...flat(69, 35, 0.3, 2),
    hours: SALES_HOURS,
    patience: { kind: 'exponential', mean: 240_000 },
    overflow: { afterMs: 4 * MINUTE, to: 'billing' },
  }),
  voiceQueue({
    id: 'fault-desk',
    entryPoint: '+32 800 55 140',
    talk: seconds(240, 0.7),
    ...flat(33, 39, 0.3, 3),
    hours: FAULT_DESK_HOURS,
    atClosing: 'serve',
    priority: 5,
  }),
  {
    ...webQueue('chat', 'chat', 0, {
      talk: seconds(390, 0.6),
      patience: { kind: 'exponential', mean: 180_000 },
      ring: seconds(3, 0.5),
      surveyShare: 0.2,
    }),
    ...flat(60, 29, 0.3, 4),
  },
];

const TOWN_QUEUES: readonly QueueModel[] = [
  voiceQueue({
    id: 'etat-civil',
    entryPoint: '+32 4 555 80 00',
    talk: seconds(240, 0.7),
    ...flat(63, 53, 0.3, 0),
    transfer: { to: 'urbanisme', share: 0.04, consultedShare: 0.2 },
    patience: { kind: 'lognormal', ...seconds(700, 1) },
  }),
  {
    ...webQueue('guichets', 'counter', 0, {
      entryPoint: 'borne-1',
      talk: seconds(330, 0.7),
      patience: { kind: 'lognormal', ...seconds(2400, 0.6) },
      noShowShare: 0.04,
      noAnswerShare: 0,
      rejectShare: 0,
    }),
    ...flat(50, 71, 0.25, 2),
  },
  voiceQueue({
    id: 'urbanisme',
    entryPoint: '+32 4 555 80 20',
    talk: seconds(380, 0.8),
    ...flat(13, 43, 0.4, 1),
  }),
];

/** The telephone company: five queues, one of them always closed. Notices are posted some minutes after `start`. */
export const telecomCentre = (start: number): CentreModel => ({
  timeZone: 'Europe/Brussels',
  queues: TELECOM_QUEUES,
  teams: [
    team('technicien', 16, { 'technical-support': 1, 'fault-desk': 2 }),
    team('facturation', 10, { billing: 1, sales: 3 }),
    team('vente', 7, { sales: 1, billing: 2 }),
    team('panne', 3, { 'fault-desk': 1, 'technical-support': 2 }),
    team('chat', 8, { chat: 1 }),
  ],
  surges: [],
  massLogouts: [],
  notices: [
    {
      queue: 'technical-support',
      notice: 'maintenance-namur',
      text: {
        en: 'Maintenance in the Namur area tonight from 2 to 4: short interruptions are possible.',
        fr: 'Travaux dans la région de Namur cette nuit de 2 h à 4 h : de courtes interruptions sont possibles.',
        nl: 'Onderhoud in de regio Namen vannacht van 2 tot 4 uur: korte onderbrekingen zijn mogelijk.',
        de: 'Wartung im Raum Namur heute Nacht von 2 bis 4 Uhr: kurze Unterbrechungen sind möglich.',
      },
      from: start + MINUTE,
      until: start + 12 * 60 * MINUTE,
    },
  ],
});

/** The town hall: three queues, of which one has very few agents. */
export const townCentre = (): CentreModel => ({
  timeZone: 'Europe/Brussels',
  queues: TOWN_QUEUES,
  teams: [
    team('agent', 6, { 'etat-civil': 1, urbanisme: 3 }),
    team('guichet', 7, { guichets: 1 }),
    team('urbaniste', 2, { urbanisme: 1 }),
  ],
  surges: [],
  massLogouts: [],
  notices: [],
});
