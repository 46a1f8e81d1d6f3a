import { NOTICE_SEVERITIES } from '@queuecast/events';
import type { PostedNotice } from '@queuecast/live';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitPublicly, MAX_BYTES, MAX_NOTICES, publicNotices } from './public-notices.js';

const NOW = Date.parse('2026-03-02T12:00:00Z');

const notice = (overrides: Partial<PostedNotice> = {}): PostedNotice => ({
  id: 'storm',
  severity: 'warning',
  text: { en: 'Storm damage: long waits' },
  until: NOW + 1,
  postedAt: NOW - 1,
  by: 'key:somebody',
  ...overrides,
});

describe('the notices of a public document', () => {
  it('end at their time, and never say who posted them', () => {
    const notices = [notice(), notice({ id: 'over', until: NOW }), notice({ id: 'open end', until: null })];
    expect(publicNotices(notices, NOW)).toEqual([
      { id: 'storm', severity: 'warning', text: { en: 'Storm damage: long waits' }, until: NOW + 1 },
      { id: 'open end', severity: 'warning', text: { en: 'Storm damage: long waits' }, until: null },
    ]);
  });

  it('are a full one in four languages, or three short ones, in full', () => {
    const full = 'é'.repeat(20) + 'x'.repeat(260);
    expect(fitPublicly([notice({ text: { en: full, fr: full, nl: full, de: full } })], NOW)).toBe(true);
    const short = notice({ text: { en: 'x'.repeat(90), fr: 'x'.repeat(90), nl: 'x'.repeat(90), de: 'x'.repeat(90) } });
    expect(fitPublicly([short, short, short], NOW)).toBe(true);
    expect(fitPublicly([short, short, short, notice()], NOW)).toBe(false);
  });

  it('are cut where a text is too long, at a whole character', () => {
    const [shown] = publicNotices([notice({ text: { en: '🚧'.repeat(400) } })], NOW);
    expect(shown?.text['en']).toBe(`${'🚧'.repeat(279)}…`);
  });

  it('are bounded whatever is posted, and there is one whenever one is posted', () => {
    const posted = fc.record({
      id: fc.string({ minLength: 1, maxLength: 64 }),
      severity: fc.constantFrom(...NOTICE_SEVERITIES),
      text: fc.dictionary(
        fc.string({ minLength: 2, maxLength: 35 }),
        fc.string({ minLength: 1, maxLength: 2000, unit: 'grapheme' }),
        { minKeys: 1, maxKeys: 30 },
      ),
      until: fc.constant(null),
      postedAt: fc.constant(NOW),
      by: fc.constant('acd'),
    });
    fc.assert(
      fc.property(fc.array(posted, { minLength: 1, maxLength: 6 }), (notices) => {
        const shown = publicNotices(notices, NOW);
        expect(Buffer.byteLength(JSON.stringify(shown))).toBeLessThanOrEqual(MAX_BYTES);
        expect(shown.length).toBeLessThanOrEqual(MAX_NOTICES);
        expect(shown[0]?.id).toBe(notices[0]?.id);
      }),
      { numRuns: 60 },
    );
  });
});
