import { describe, expect, it } from 'vitest';
import { frame, NOW } from './frames.testing.js';
import { draftOf, MOST_CHARACTERS, shownNotices, surgeDraft, untoldSurge } from './notices.js';
import { WALLBOARD_LANGUAGES } from './words.js';

const notice = (id: string, postedAt: number, until: number | null = null) => ({
  id,
  severity: 'info' as const,
  text: { en: `${id} at ${postedAt}` },
  until,
  postedAt,
  by: 'wallboard',
});

describe('the notices of a wallboard', () => {
  it('are one each, with the queues that show it, the latest first, without those that have ended', () => {
    const shown = shownNotices(
      [
        frame({ queue: 'a', notices: [notice('storm', NOW - 9), notice('over', NOW - 5, NOW)] }),
        frame({ queue: 'b', notices: [notice('strike', NOW - 3, NOW + 1), notice('storm', NOW - 9)] }),
      ],
      NOW,
    );
    expect(shown.map(({ id, queues }) => [id, queues])).toEqual([
      ['strike', ['b']],
      ['storm', ['a', 'b']],
    ]);
    expect(draftOf(shown[0]!)).toMatchObject({ id: 'strike', queues: ['b'], until: NOW + 1 });
  });

  it('have the newer text while a change is on its way to their queues', () => {
    const [old, changed] = [notice('storm', NOW - 9), notice('storm', NOW - 1)];
    for (const [a, b] of [
      [old, changed],
      [changed, old],
    ] as const) {
      const frames = [frame({ queue: 'a', notices: [a] }), frame({ queue: 'b', notices: [b] })];
      expect(shownNotices(frames, NOW)).toEqual([{ ...changed, queues: ['a', 'b'] }]);
    }
  });
});

describe('the suggestion of a notice', () => {
  it('stands while a surge lasts, until something is posted on its queue', () => {
    const surge = { ratio: 40, since: NOW - 60_000 };
    expect(untoldSurge(frame())).toBeNull();
    expect(untoldSurge(frame({ surge }))).toBe(surge);
    expect(untoldSurge(frame({ surge, notices: [notice('before', NOW - 70_000)] }))).toBe(surge);
    expect(untoldSurge(frame({ surge, notices: [notice('after', NOW - 50_000)] }))).toBeNull();
  });

  it('is written in every language, and short enough to be published as it is', () => {
    const { text, queues } = surgeDraft('support');
    expect(queues).toEqual(['support']);
    expect(Object.keys(text)).toEqual(Object.keys(WALLBOARD_LANGUAGES));
    expect(new Set(Object.values(text)).size).toBe(Object.keys(text).length);
    for (const words of Object.values(text)) expect(words.length).toBeLessThanOrEqual(MOST_CHARACTERS);
    expect(new TextEncoder().encode(JSON.stringify(text)).length).toBeLessThan(1_200);
  });
});
