import type { SpellFact } from '@queuecast/contact-center';
import type { Instant } from '@queuecast/events';
import fc from 'fast-check';
import { DateTime } from 'luxon';
import { describe, expect, it } from 'vitest';
import { CONTRACT_NOW } from './contract-subject.testing.js';
import { at, flushOf, queue, spell, TODAY, YESTERDAY } from './facts.testing.js';
import type { AgentReportRequest, AgentReportRow, SiteKey } from './port.js';
import type { StoreUnderTest } from './contract-subject.testing.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

const requestOf = (key: SiteKey, more: Partial<AgentReportRequest> = {}): AgentReportRequest => ({
  tenant: key.tenant,
  queues: [],
  by: 'site',
  from: at(`${YESTERDAY}T00:00:00Z`),
  to: at(`${TODAY}T12:00:00Z`),
  grain: 'total',
  timeZone: 'UTC',
  metrics: [],
  limit: 1000,
  ...more,
});

/** An agent's spells from marks: each lasts until the next. */
const spellsOf = (
  key: SiteKey,
  agent: string,
  marks: readonly (readonly [Instant, SpellFact['state'], (string | null)?])[],
  queues: readonly string[] = ['support'],
): SpellFact[] =>
  marks.map(([from, state, reason], n) =>
    spell(key, agent, from, {
      to: marks[n + 1]?.[0] ?? null,
      state,
      reason: reason ?? null,
      queues: state === 'offline' ? [] : queues.map(queue),
      version: n + 1,
    }),
  );

const STATES = ['offline', 'available', 'offered', 'busy', 'wrap_up', 'away'] as const;
const COLUMN_OF: Readonly<Record<(typeof STATES)[number], string>> = {
  offline: '',
  available: 'available_time',
  offered: 'ringing_time',
  busy: 'busy_time',
  wrap_up: 'wrapping_time',
  away: 'away_time',
};

/** The time of agents, from spells that know no midnight. */
export const agentsContract = (subject: StoreUnderTest): void => {
  const rowsOf = async (request: AgentReportRequest): Promise<readonly AgentReportRow[]> =>
    (await subject.store.agents(request)).rows;

  describe('agents', () => {
    it('have their time cut at midnight: nobody is logged off because a day ends', async () => {
      const key = subject.fresh();
      const marks = [
        [at(`${YESTERDAY}T21:30:00Z`), 'available'],
        [at(`${YESTERDAY}T22:50:00Z`), 'busy'],
        [at(`${TODAY}T01:20:00Z`), 'away', 'break'],
        [at(`${TODAY}T02:00:00Z`), 'offline'],
      ] as const;
      await subject.store.write(flushOf({ spells: spellsOf(key, 'ann', marks) }));
      const rows = await rowsOf(requestOf(key, { grain: 'day' }));
      expect(rows.map(({ start, values }) => [start, values])).toEqual([
        [
          at(`${YESTERDAY}T00:00:00Z`),
          {
            agents: 1,
            staffed_time: 150 * MINUTE,
            available_time: 80 * MINUTE,
            ringing_time: 0,
            busy_time: 70 * MINUTE,
            wrapping_time: 0,
            away_time: 0,
            away_time_by_reason: {},
            occupancy: 70 / 150,
            utilisation: 70 / 150,
          },
        ],
        [
          at(`${TODAY}T00:00:00Z`),
          {
            agents: 1,
            staffed_time: 120 * MINUTE,
            available_time: 0,
            ringing_time: 0,
            busy_time: 80 * MINUTE,
            wrapping_time: 0,
            away_time: 40 * MINUTE,
            away_time_by_reason: { break: 40 * MINUTE },
            occupancy: 1,
            utilisation: 80 / 120,
          },
        ],
      ]);
    });

    it('go on in the state they were last said to be in, for weeks, and up to now', async () => {
      const key = subject.fresh();
      const since = (at(`${TODAY}T08:00:00Z`) - 40 * 24 * HOUR) as Instant;
      await subject.store.write(flushOf({ spells: [spell(key, 'ann', since, { to: null, version: 1 })] }));
      const [row] = await rowsOf(
        requestOf(key, { from: at(`${TODAY}T10:00:00Z`), to: at(`${TODAY}T23:00:00Z`), metrics: ['available_time'] }),
      );
      expect(row?.values).toEqual({ available_time: CONTRACT_NOW - at(`${TODAY}T10:00:00Z`) });
      await subject.store.write(
        flushOf({ spells: [spell(key, 'ann', since, { to: at(`${TODAY}T10:30:00Z`), version: 2 })] }),
      );
      const [closed] = await rowsOf(requestOf(key, { from: at(`${TODAY}T10:00:00Z`), metrics: ['available_time'] }));
      expect(closed?.values).toEqual({ available_time: 30 * MINUTE });
    });

    it('are listed by group, which adds up to the site, and by queue, which counts all who serve it', async () => {
      const key = subject.fresh();
      const shift = [
        [at(`${YESTERDAY}T08:00:00Z`), 'available'],
        [at(`${YESTERDAY}T10:00:00Z`), 'offline'],
      ] as const;
      await subject.store.write(
        flushOf({
          spells: [
            ...spellsOf(key, 'ann', shift, ['sales', 'support']),
            ...spellsOf(key, 'bob', shift, ['support', 'sales']),
            ...spellsOf(key, 'cleo', shift, ['support']),
          ],
        }),
      );
      const metrics = ['agents', 'staffed_time'];
      const by = async (what: AgentReportRequest['by'], queues: string[] = []) =>
        (await rowsOf(requestOf(key, { by: what, queues: queues.map(queue), metrics }))).map(({ of, values }) => [
          of,
          values.agents,
          Number(values.staffed_time) / HOUR,
        ]);
      expect(await by('site')).toEqual([['', 3, 6]]);
      expect(await by('group')).toEqual([
        ['sales+support', 2, 4],
        ['support', 1, 2],
      ]);
      expect(await by('queue')).toEqual([
        ['sales', 2, 4],
        ['support', 3, 6],
      ]);
      expect(await by('queue', ['sales'])).toEqual([['sales', 2, 4]]);
      expect(await by('agent', ['sales'])).toEqual([
        ['ann', 1, 2],
        ['bob', 1, 2],
      ]);
    });

    it('equal plain sums over the spells, by any grain in any zone, page by page', async () => {
      const mark = fc.record({ gap: fc.integer({ min: 1, max: 5 * HOUR }), state: fc.constantFrom(...STATES) });
      await fc.assert(
        fc.asyncProperty(
          fc.array(fc.array(mark, { minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 3 }),
          fc.constantFrom('Europe/Brussels', 'Asia/Kolkata', 'Australia/Adelaide'),
          fc.constantFrom('quarter', 'hour', 'day'),
          async (agents, timeZone, grain) => {
            const key = subject.fresh();
            // Around a change of the clock in Brussels.
            const first = at('2026-03-28T20:00:00Z');
            const now = at('2026-03-29T22:00:00Z');
            const spells = agents.flatMap((marks, n) => {
              let time: number = first;
              return spellsOf(
                key,
                `agent-${n}`,
                marks.map(({ gap, state }) => [(time += gap) as Instant, state] as const),
              );
            });
            await subject.store.write(flushOf({ spells }));
            const range = { from: at('2026-03-28T21:00:00Z'), to: now };
            const expected = new Map<string, number>();
            for (const { from, to, state } of spells)
              for (let time = Math.max(from, range.from); time < Math.min(to ?? Infinity, range.to);) {
                const end = Math.min((Math.floor(time / (15 * MINUTE)) + 1) * 15 * MINUTE, to ?? Infinity, range.to);
                const start =
                  grain === 'quarter'
                    ? Math.floor(time / (15 * MINUTE)) * 15 * MINUTE
                    : DateTime.fromMillis(time, { zone: timeZone }).startOf(grain).toMillis();
                const name = `${start} ${COLUMN_OF[state]}`;
                if (state !== 'offline') expected.set(name, (expected.get(name) ?? 0) + end - time);
                time = end;
              }
            const found = new Map<string, number>();
            let cursor: string | null = null;
            do {
              const page = await subject.store.agents(
                requestOf(key, { ...range, grain, timeZone, limit: 3, ...(cursor !== null && { cursor }) }),
              );
              for (const { start, values } of page.rows)
                for (const column of Object.values(COLUMN_OF))
                  if (Number(values[column] ?? 0) > 0) found.set(`${start} ${column}`, Number(values[column]));
              cursor = page.nextCursor;
            } while (cursor !== null);
            expect(found).toEqual(expected);
          },
        ),
        { numRuns: 8 },
      );
    });

    it('are refused metrics of queues, and told where to ask', async () => {
      await expect(subject.store.agents(requestOf(subject.fresh(), { metrics: ['asa'] }))).rejects.toThrow(
        /^metrics: "asa" is a metric of queues; ask the report on queues/,
      );
    });
  });
};
