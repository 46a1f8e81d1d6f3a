import { imbalance, type LedgerRow } from './centre/ledger.js';
import type { GroundTruth } from './centre/truth.js';
import type { InjectedFaults } from './delivery/inject.js';

/** What is true about a run: the simulation's books, and what was done to the events on their way. */
export type RunTruth = GroundTruth & { readonly injected: InjectedFaults; readonly interrupted: boolean };

const COLUMNS: readonly (readonly [string, (row: LedgerRow, truth: GroundTruth) => string])[] = [
  ['queue', (row) => row.queue],
  ['offered', (row) => String(row.offered)],
  ['answered', (row) => String(row.answered)],
  ['abandoned', (row) => String(row.abandoned)],
  ['short', (row) => String(row.shortAbandoned)],
  ['flowed', (row) => String(row.flowedOut)],
  ['callback', (row) => String(row.callbackTaken)],
  ['dropped', (row) => String(row.dropped)],
  ['closed', (row) => String(row.closedOut)],
  ['waiting', (row) => String(row.stillWaiting)],
  ['balance', (row) => (imbalance(row) === 0 ? 'ok' : String(imbalance(row)))],
  ['within T', (row) => String(row.answeredWithin)],
  ['total wait s', (row) => (row.totalWaitMs / 1000).toFixed(1)],
  ['talk h', (row) => (row.talkMs / 3_600_000).toFixed(1)],
  ['hold h', (row) => (row.holdMs / 3_600_000).toFixed(1)],
  ['wrap h', (row) => (row.wrapMs / 3_600_000).toFixed(1)],
  ['declines', (row) => String(row.declines)],
];

const isoTime = (at: number): string => new Date(at).toISOString();

/** The ground truth for reading: a table by queue, and what surrounds it. */
export const truthTable = (truth: RunTruth): string => {
  const cells = [
    COLUMNS.map(([title]) => title),
    ...truth.queues.map((row) => COLUMNS.map(([, cell]) => cell(row, truth))),
  ];
  const widths = COLUMNS.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const table = cells.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  );
  const { contacts, injected, ghosts, agentMs } = truth;
  const hours = Object.entries(agentMs).map(([state, ms]) => `${state} ${(ms / 3_600_000).toFixed(1)}`);
  return [
    `${truth.scenario}, seed ${truth.seed}, ${isoTime(truth.from)} to ${isoTime(truth.to)}` +
      `${truth.interrupted ? ' (interrupted)' : ''}: ${truth.events} events of ${truth.tenant}/${truth.site}`,
    `T = ${truth.thresholdSeconds} s; abandons below ${truth.shortAbandonSeconds} s are short`,
    '',
    ...table,
    '',
    `contacts: ${contacts.started} started, ${contacts.ended} ended, ${contacts.lostInMenu} left in the menu, ` +
      `${contacts.refusedClosed} refused because closed; ${truth.internalLegs} consult legs`,
    `agent hours of ${truth.agents} agents: ${hours.join(', ')}`,
    `injected: ${injected.duplicated} duplicates, ${injected.delayed} out of order, ${injected.late} late ` +
      `(longest delay ${(injected.longestDelayMs / 1000).toFixed(1)} s), ${ghosts.waiting} waiting and ${ghosts.talking} talking ghosts`,
    ...Object.entries(truth.skewMs)
      .filter(([, skew]) => skew !== 0)
      .map(([source, skew]) => `clock of ${source}: ${skew} ms ahead`),
    '',
  ].join('\n');
};
