import { define, ratio, type Metric } from '../metric.js';

const subject = 'agents' as const;
/** The time of agents has no arrival: it counts where it passes. */
const attributions = ['clipped'] as const;

const time = (
  id: string,
  name: string,
  meaning: string,
  measure: string,
  nearest: readonly [string | null, string | null],
) =>
  define({
    id,
    name,
    unit: 'ms',
    subject,
    attributions,
    meaning,
    sql: measure,
    example: { text: 'Twelve minutes of a quarter of an hour.', given: { [measure]: 720_000 }, gives: 720_000 },
    nearest,
  });

const SIGNED_IN = { busy_ms: 1_800_000, wrapping_ms: 300_000, available_ms: 600_000, ringing_ms: 100_000 };

/** What agents did with their time, by group of agents. */
export const AGENT_METRICS: readonly Metric[] = [
  define({
    id: 'agents',
    name: 'Agents',
    unit: 'agents',
    subject,
    attributions,
    meaning: 'Distinct agents who were signed in at some instant.',
    sql: 'length(agent_keys)',
    example: { text: 'Three agents worked.', given: { agent_keys: [1, 2, 3] }, gives: 3 },
    nearest: ['Online (agents)', 'On Queue agents'],
  }),
  time('staffed_time', 'Staffed time', 'Signed in, in whatever state.', 'staffed_ms', [
    'Online time',
    'Logged In (tOrganizationPresence)',
  ]),
  time('available_time', 'Available time', 'Ready for a contact, with none.', 'available_ms', [
    'Agent idle time',
    'Idle (tAgentRoutingStatus IDLE)',
  ]),
  time('ringing_time', 'Ringing time', 'A contact rang at the agent, answered or not.', 'ringing_ms', [
    'Agent incoming connecting time',
    'Alert (tAlert)',
  ]),
  time('busy_time', 'Busy time', 'With a contact, hold included.', 'busy_ms', [
    'Agent on contact time',
    'Interacting (tAgentRoutingStatus INTERACTING)',
  ]),
  time('wrapping_time', 'Wrapping-up time', 'In the state of wrap-up.', 'wrapping_ms', [
    'After contact work time',
    'ACW (tAcw)',
  ]),
  time('away_time', 'Away time', 'Signed in, and away for a reason.', 'away_ms', [
    'Non-Productive Time',
    'Off Queue (tSystemPresence)',
  ]),
  define({
    id: 'away_time_by_reason',
    name: 'Away time by reason',
    unit: 'ms by reason',
    subject,
    attributions,
    meaning: 'Time away by the reason given; empty where none was.',
    sql: 'away_by_reason',
    example: {
      text: 'A quarter of an hour’s break, and a meeting.',
      given: { away_by_reason: { break: 900_000, meeting: 1_800_000 } },
      gives: { break: 900_000, meeting: 1_800_000 },
    },
    nearest: ['A time for each custom status, by its name', 'Break, Meal, Meeting, Training time'],
  }),
  define({
    id: 'occupancy',
    name: 'Occupancy',
    unit: 'ratio',
    subject,
    attributions,
    meaning: 'Busy or wrapping up, of the time signed in and not away; ringing is not yet busy.',
    sql: ratio('busy_ms + wrapping_ms', 'busy_ms + wrapping_ms + available_ms + ringing_ms'),
    example: {
      text: '30 min busy, 5 min of wrap-up, 10 min available, 100 s of ringing: 2,100 of 2,800 s.',
      given: SIGNED_IN,
      gives: 0.75,
    },
    nearest: ['Occupancy', 'Occupancy %'],
  }),
  define({
    id: 'utilisation',
    name: 'Utilisation',
    unit: 'ratio',
    subject,
    attributions,
    meaning: 'Busy or wrapping up, of all time signed in.',
    sql: ratio('busy_ms + wrapping_ms', 'staffed_ms'),
    example: {
      text: '35 min busy or wrapping up, of an hour signed in.',
      given: { ...SIGNED_IN, staffed_ms: 3_600_000 },
      gives: 7 / 12,
    },
    nearest: [null, 'Utilization %'],
  }),
];
