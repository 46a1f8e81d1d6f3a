import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SiteFold } from '@queuecast/contact-center';
import { instant, parseEvent, siteId, tenantId } from '@queuecast/events';
import { describe, expect, it } from 'vitest';
import { vanadReference } from '../../../../tests/support/vanad-reference.js';
import { ZoneClock } from '../local-time.js';
import { readMapping } from './mapping.js';
import { readCalls } from './read-file.js';
import { noRows, recordedEvents } from './recorded-days.js';

const recording = join('..', 'shared', 'data', 'vanad-2014', '2014-03.csv.gz');
const absent = !existsSync(recording);
const mapping = readMapping(join(import.meta.dirname, '../../maps/vanad-2014.yaml'));

/** Figures per queue that the fold makes of the imported events of one date. */
const folded = async (date: string) => {
  const site = { tenant: 'vanad', site: 'main', recording: mapping.name };
  const zone = new ZoneClock(mapping.timeZone);
  const fold = new SiteFold(tenantId(site.tenant), siteId(site.site));
  const rows = noRows();
  const bad: number[] = [];
  let version = 0;
  let last = 0;
  for await (const { event, at } of recordedEvents(
    readCalls(recording, mapping, zone),
    {
      site,
      zone,
      selection: { from: date, to: date, queues: null },
      exactDuplicates: mapping.exactDuplicates,
      inferAgents: true,
    },
    rows,
    (line) => bad.push(line),
  )) {
    const parsed = parseEvent(event, instant(at));
    if (parsed.kind !== 'event' || at < last) throw new Error(JSON.stringify({ parsed, at, last }));
    fold.apply(parsed.event, ++version);
    last = at;
  }
  fold.verify(fold.unverified(), []);
  const queues = new Map<string, Record<string, number>>();
  for (const { queue, outcome, waitMs } of fold.drain().legs) {
    const figures = queues.get(queue) ?? { offered: 0, answered: 0, abandoned: 0, totalWaitMs: 0, answeredWaitMs: 0 };
    queues.set(queue, figures);
    const add = (name: string, value: number) => (figures[name] = (figures[name] ?? 0) + value);
    add('offered', 1);
    add('totalWaitMs', waitMs ?? Number.NaN);
    add(outcome, 1);
    if (outcome === 'answered') add('answeredWaitMs', waitMs ?? Number.NaN);
  }
  return { queues, rows, bad };
};

describe.skipIf(absent)('the VANAD recording (needs ../shared/data/vanad-2014)', () => {
  // An ordinary Monday, a Saturday, the last day before and the first after the change to summer time, and a day with an
  // exact duplicate.
  it.each(['2014-03-03', '2014-03-01', '2014-03-29', '2014-03-31', '2014-03-14'])(
    '%s: per queue, the imported events give what a plain script counts',
    async (date) => {
      const { queues, rows, bad } = await folded(date);
      const reference = vanadReference(recording, date);
      expect(Object.fromEntries(queues)).toEqual(Object.fromEntries(reference));
      expect(rows.imported).toBe([...reference.values()].reduce((sum, { offered }) => sum + offered, 0));
      expect(rows.imported).toBeGreaterThan(200);
      expect(rows.duplicates).toBe(date === '2014-03-14' ? 1 : 0);
      expect(bad).toEqual([]);
    },
  );
});
