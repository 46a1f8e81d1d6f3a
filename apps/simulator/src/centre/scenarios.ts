import { midnightOf, ZoneClock } from '../local-time.js';
import { seconds, staffFor, type CentreModel, type QueueModel, type Shift, type TeamModel } from './model.js';
import { ROUND_THE_CLOCK, voiceQueue, webQueue } from './queues.js';

export const SCENARIOS = ['normal-day', 'cable-break', 'understaffed', 'mass-logout', 'night'] as const;
export type ScenarioName = (typeof SCENARIOS)[number];

export interface ScenarioPeriod {
  readonly start: number;
  readonly end: number;
  /** IANA zone of the centre. */
  readonly timeZone: string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const DESK_HOURS = {
  mon: ['09:00-17:00'],
  tue: ['09:00-17:00'],
  wed: ['09:00-17:00'],
  thu: ['09:00-19:00'],
  fri: ['09:00-17:00'],
};

const QUEUES: readonly QueueModel[] = [
  voiceQueue({
    id: 'billing',
    entryPoint: '+32 800 12 000',
    arrivalsPerDay: 4500,
    talk: seconds(300, 0.8),
    transfer: { to: 'retention', share: 0.04, consultedShare: 0.5 },
    overflow: { afterMs: 8 * MINUTE, to: 'general' },
  }),
  voiceQueue({
    id: 'technical',
    entryPoint: '+32 800 12 010',
    arrivalsPerDay: 5200,
    talk: seconds(420, 0.9),
    wrap: seconds(60, 0.8),
    transfer: { to: 'billing', share: 0.05, consultedShare: 0.3 },
    callback: { afterMs: 3 * MINUTE, takenShare: 0.25, later: seconds(2700, 0.4) },
    patience: { kind: 'lognormal', ...seconds(600, 1.2) },
  }),
  voiceQueue({
    id: 'sales',
    entryPoint: '+32 800 12 020',
    arrivalsPerDay: 2400,
    talk: seconds(360, 0.8),
    patience: { kind: 'exponential', mean: 240_000 },
    timeoutMs: 15 * MINUTE,
  }),
  voiceQueue({
    id: 'retention',
    entryPoint: '+32 800 12 030',
    arrivalsPerDay: 900,
    talk: seconds(480, 0.7),
    wrap: seconds(70, 0.6),
    priority: 5,
  }),
  voiceQueue({
    id: 'general',
    entryPoint: '+32 800 12 040',
    arrivalsPerDay: 3600,
    talk: seconds(180, 0.9),
    wrap: seconds(25, 0.6),
    transfer: { to: 'technical', share: 0.15, consultedShare: 0.2 },
  }),
  voiceQueue({
    id: 'faults',
    entryPoint: '+32 800 12 050',
    arrivalsPerDay: 500,
    talk: seconds(260, 0.8),
    dayCurve: ROUND_THE_CLOCK,
    weekCurve: [1, 1, 1, 1, 1, 1, 1],
    hours: 'always',
    atClosing: 'serve',
    priority: 8,
  }),
  webQueue('chat', 'chat', 2000, {
    talk: seconds(420, 0.6),
    patience: { kind: 'exponential', mean: 200_000 },
    ring: seconds(3, 0.5),
    surveyShare: 0.2,
  }),
  webQueue('email', 'email', 1200, {
    talk: seconds(360, 0.8),
    ring: seconds(1, 0.3),
    wrap: seconds(10, 0.5),
    priority: -10,
    atClosing: 'serve',
    hours: 'always',
    noAnswerShare: 0,
  }),
  webQueue('front-desk', 'counter', 380, {
    entryPoint: 'kiosk-1',
    talk: seconds(300, 0.7),
    patience: { kind: 'lognormal', ...seconds(2400, 0.6) },
    hours: DESK_HOURS,
    noShowShare: 0.04,
    noAnswerShare: 0,
    rejectShare: 0,
  }),
];

const office = (agents: number): Shift[] => {
  const days = [true, true, true, true, true, false, false];
  return [
    { start: '07:55', end: '16:00', agents: Math.ceil(agents * 0.66), days },
    { start: '09:00', end: '17:30', agents: Math.ceil(agents * 0.46), days },
    { start: '12:00', end: '20:05', agents: Math.ceil(agents * 0.66), days },
    {
      start: '08:55',
      end: '17:05',
      agents: Math.ceil(agents * 0.5),
      days: days.map((day, index) => !day && index === 5),
    },
  ];
};

const BREAKS = { count: 2, duration: seconds(780, 0.3) };

const team = (id: string, skills: Readonly<Record<string, number>>, shifts: readonly Shift[]): TeamModel => ({
  id,
  skills,
  shifts,
  breaks: BREAKS,
});

/** Peak-hour load in erlangs, with a tenth of the day's contacts in that hour, and one agent in eight on a break. */
const peakStaff = (arrivalsPerDay: number, handleSeconds: number): number =>
  Math.ceil(staffFor((arrivalsPerDay * 0.092 * handleSeconds) / 3600, 0.5) * 1.12);

const TEAMS: readonly TeamModel[] = [
  team('billing', { billing: 1, general: 2 }, office(peakStaff(4500, 352))),
  team('technical', { technical: 1, faults: 2, general: 3 }, office(peakStaff(5600, 488))),
  team('sales', { sales: 1, retention: 2 }, office(peakStaff(2400, 412))),
  team('retention', { retention: 1, sales: 2, billing: 3 }, office(peakStaff(1050, 560))),
  team('general', { general: 1, billing: 2 }, office(peakStaff(3700, 215))),
  team('digital', { chat: 1, email: 2 }, office(peakStaff(3000, 440))),
  team('desk', { 'front-desk': 1 }, [
    { start: '08:55', end: '17:05', agents: 6 },
    { start: '10:55', end: '19:05', agents: 2 },
  ]),
  team('duty', { faults: 1, technical: 2 }, [
    { start: '05:55', end: '14:00', agents: 4 },
    { start: '13:55', end: '22:00', agents: 4 },
    { start: '21:55', end: '06:00', agents: 3 },
  ]),
];

const NORMAL_DAY = { queues: QUEUES, teams: TEAMS, surges: [], massLogouts: [], notices: [] };

/** When the incident of a scenario strikes: at ten in the morning, or a third into a period without such an hour. */
const incidentAt = ({ start, end, timeZone }: ScenarioPeriod): number => {
  const zone = new ZoneClock(timeZone);
  const ten = zone.instantOf(midnightOf(zone.wallTime(start)) + 10 * HOUR);
  return ten > start && ten < end - HOUR ? ten : Math.round(start + (end - start) / 3);
};

const staffedAt = (teams: readonly TeamModel[], share: number): TeamModel[] =>
  teams.map((each) => ({
    ...each,
    shifts: each.shifts.map((shift) => ({ ...shift, agents: Math.max(1, Math.floor(shift.agents * share)) })),
  }));

/** The contact centre of a named scenario for a period. Throws RangeError for a zone that does not exist. */
export const centreOf = (scenario: ScenarioName, period: ScenarioPeriod): CentreModel => {
  const { timeZone } = period;
  const centre: CentreModel = { ...NORMAL_DAY, timeZone };
  switch (scenario) {
    case 'normal-day':
    case 'night':
      return centre;
    case 'understaffed':
      return { ...centre, teams: staffedAt(TEAMS, 0.78) };
    case 'mass-logout':
      return {
        ...centre,
        massLogouts: [{ at: incidentAt(period), share: 0.8, withinMs: 2 * MINUTE, forMs: 40 * MINUTE }],
      };
    case 'cable-break': {
      const from = incidentAt(period);
      return {
        ...centre,
        surges: [
          { queues: ['technical'], from, riseMs: 10 * MINUTE, holdMs: 25 * MINUTE, fallMs: 50 * MINUTE, factor: 50 },
        ],
        notices: [
          {
            queue: 'technical',
            notice: 'cable-break',
            text: {
              en: 'A cable is broken in your region. We expect it to be repaired this afternoon; there is no need to call.',
              fr: "Un câble est rompu dans votre région. La réparation est prévue cet après-midi ; inutile d'appeler.",
              nl: 'Er is een kabelbreuk in uw regio. We verwachten herstel deze namiddag; u hoeft niet te bellen.',
              de: 'In Ihrer Region ist ein Kabel gebrochen. Es ist voraussichtlich heute Nachmittag repariert; Sie müssen nicht anrufen.',
            },
            from: from + 12 * MINUTE,
            until: from + 4 * HOUR,
          },
        ],
      };
    }
  }
};

/** Where a scenario begins on the local day, and how many hours it lasts, unless told otherwise. */
export const defaultPeriodOf = (scenario: ScenarioName): { readonly from: string; readonly hours: number } =>
  scenario === 'night' ? { from: '21:00', hours: 9 } : { from: '00:00', hours: 24 };
