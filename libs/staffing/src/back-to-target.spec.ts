import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { waitProbability } from '@queuecast/wait-estimates';
import { exponential, seededUniform } from '../../wait-estimates/src/queue-model.testing.js';
import { backToTarget, type Situation } from './back-to-target.js';
import { requiredAgents } from './required-agents.js';

const minute = 60;
/** Ten calls a minute of five minutes: fifty erlangs; 80 % within 150 s. Seconds. */
const usual: Situation = {
  arrivalRate: 10 / minute,
  meanHandle: 5 * minute,
  meanPatience: 10 * minute,
  agents: 50,
  waiting: 0,
  target: { share: 0.8, threshold: 150 },
  horizon: 30 * minute,
};

/** Time until `waiting` contacts, with all agents busy, have become `level`, event by event. */
const timeUntil = (situation: Situation, level: number, uniform: () => number): number => {
  const { agents, arrivalRate, meanHandle, meanPatience } = situation;
  let time = 0;
  for (let { waiting } = situation; waiting > level;) {
    const leave = agents / meanHandle + waiting / meanPatience;
    time += exponential(uniform, 1 / (arrivalRate + leave));
    waiting += uniform() * (arrivalRate + leave) < arrivalRate ? 1 : -1;
  }
  return time;
};

describe('back to target', () => {
  it('needs nobody where the agents are enough and nobody waits', () => {
    expect(backToTarget(usual)).toEqual({ more: 0, within: 0 });
  });

  it('needs what the settled queue needs where nobody waits yet', () => {
    const short = { ...usual, agents: 40 };
    expect(backToTarget(short)).toEqual({ more: requiredAgents(usual, usual.target)! - 40, within: 0 });
  });

  it('tells when a backlog will have gone by itself', () => {
    const answer = backToTarget({ ...usual, waiting: 60 })!;
    expect(answer.more).toBe(0);
    expect(answer.within).toBeGreaterThan(minute);
    expect(answer.within).toBeLessThan(11 * minute);
  });

  it('needs more agents, and takes less time, the shorter the horizon', () => {
    const patient = { ...usual, meanPatience: Infinity, agents: 53, waiting: 80 };
    const answers = [120, 60, 30, 15, 10].map((minutes) => backToTarget({ ...patient, horizon: minutes * minute })!);
    for (const [index, answer] of answers.entries()) {
      expect(answer.within).toBeLessThanOrEqual([120, 60, 30, 15, 10][index]! * minute);
      if (index > 0) expect(answer.more).toBeGreaterThan(answers[index - 1]!.more);
    }
  });

  it.each([10 * minute, Infinity])(
    'keeps its hour: with patience %d s the backlog drains when it says',
    (meanPatience) => {
      const agents = 58;
      const situation = { ...usual, meanPatience, agents, waiting: 150, horizon: 120 * minute };
      const { more, within } = backToTarget(situation)!;
      expect(more).toBe(0);
      const inTime = (waiting: number): boolean =>
        waitProbability({ waiting, agents, meanHandle: 5 * minute, meanPatience }, 150)! >= 0.8;
      let level = 0;
      while (inTime(level + 1)) level += 1;
      const uniform = seededUniform(5);
      let total = 0;
      for (let run = 0; run < 1000; run += 1) total += timeUntil(situation, level, uniform);
      expect(within / (total / 1000)).toBeCloseTo(1, 1);
    },
  );

  it('says nothing where the horizon is shorter than a call and the backlog is not taken at once', () => {
    expect(backToTarget({ ...usual, waiting: 60, horizon: 4 * minute })).toBeNull();
    expect(backToTarget({ ...usual, waiting: 5, horizon: 4 * minute })).toEqual({ more: 0, within: 0 });
  });

  it('says nothing where no number of agents will do', () => {
    expect(backToTarget({ ...usual, arrivalRate: 1e6 / 300, meanPatience: Infinity })).toBeNull();
  });

  it('always names the fewest agents that hold the target and the horizon', () => {
    fc.assert(
      fc.property(
        fc.record({
          arrivalRate: fc.double({ min: 0, max: 1, noNaN: true }),
          meanHandle: fc.double({ min: 10, max: 600, noNaN: true }),
          meanPatience: fc.oneof(fc.double({ min: 30, max: 3000, noNaN: true }), fc.constant(Infinity)),
          agents: fc.integer({ min: 0, max: 300 }),
          waiting: fc.integer({ min: 0, max: 300 }),
          horizon: fc.double({ min: 600, max: 7200, noNaN: true }),
        }),
        (drawn) => {
          const situation = { ...drawn, target: usual.target };
          const { more, within } = backToTarget(situation)!;
          expect(within).toBeLessThanOrEqual(situation.horizon);
          const required = requiredAgents(situation, situation.target)!;
          expect(situation.agents + more).toBeGreaterThanOrEqual(required);
          expect(more).toBeLessThanOrEqual(Math.max(required - situation.agents, situation.waiting, 0));
          // A longer horizon never asks for more, and one that ends just before this answer asks for others.
          expect(backToTarget({ ...situation, horizon: 1e9 })!.more).toBeLessThanOrEqual(more);
          const sooner =
            within > situation.meanHandle * 1.01 && backToTarget({ ...situation, horizon: within * 0.999 });
          if (sooner) expect(sooner.more).toBeGreaterThan(more);
        },
      ),
    );
  });

  it.each([
    [{ agents: -1 }, /^agents must be a whole number/],
    [{ waiting: 1.5 }, /^waiting must be a whole number/],
    [{ horizon: NaN }, /^horizon/],
    [{ meanHandle: NaN }, /^meanHandle/],
    [{ target: { share: 80, threshold: 150 } }, /^share/],
  ])('refuses %o by name', (wrong, message) => {
    expect(() => backToTarget({ ...usual, ...wrong })).toThrow(message);
  });
});
