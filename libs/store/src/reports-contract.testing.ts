import { describe, expect, it } from 'vitest';
import { NASTY } from './contract-subject.testing.js';
import { InvalidReportError, ReportTooLargeError } from './errors.js';
import { answered, at, flushOf, queue, TODAY } from './facts.testing.js';
import type { StoreUnderTest } from './contract-subject.testing.js';

/** Reports read, within limits, and hold nobody up. */
export const reportsContract = (subject: StoreUnderTest): void => {
  describe('reports', () => {
    it('bind parameters: values never become part of the statement', async () => {
      for (const text of NASTY)
        expect(
          await subject.store.report('SELECT {text:String} AS text, {list:Array(String)} AS list -- note', {
            text,
            list: [text],
          }),
        ).toEqual([{ text, list: [text] }]);
    });

    it('quote 64-bit integers', async () => {
      expect(await subject.store.report('SELECT toUInt64(18446744073709551615) AS n', {})).toEqual([
        { n: '18446744073709551615' },
      ]);
    });

    it.each([
      'INSERT INTO contacts (tenant) VALUES (1)',
      'DROP TABLE contacts',
      'SELECT 1; DROP TABLE contacts',
      'TRUNCATE TABLE contacts',
      'SET readonly = 0',
      "SELECT 1 INTO OUTFILE 'stolen.csv'",
      "SELECT 1 /* x */ INTO /* y */ OUTFILE 'stolen.csv'",
      'SELECT 1 FORMAT CSV',
      'KILL QUERY WHERE 1',
      'SELECT 1 SETTINGS max_memory_usage = 1',
      "SELECT * FROM file('secret.txt', 'LineAsString')",
      "SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')",
      "INSERT INTO FUNCTION file('stolen.csv') SELECT 1",
      'CREATE TABLE stolen (a Int8) ENGINE = Memory',
      'SELECT',
    ])('only read: %s is refused', async (sql) => {
      await expect(subject.store.report(sql, {})).rejects.toThrow();
      expect(await subject.store.report("SELECT 'INTO OUTFILE' AS text", {})).toEqual([{ text: 'INTO OUTFILE' }]);
    });

    it('say what to do when they ask for too much', async () => {
      await expect(subject.store.report('SELECT number FROM numbers(200000)', {})).rejects.toThrow(ReportTooLargeError);
      await expect(subject.store.report('SELECT 1 FORMAT CSV', {})).rejects.toThrow(InvalidReportError);
    });

    it('of several seconds let writes and windows go on', async () => {
      const key = subject.fresh();
      const moment = at(`${TODAY}T09:00:00Z`);
      const finished: string[] = [];
      const heavy = subject.store
        .report('SELECT max(sipHash64(number, repeat(toString(number), 20))) AS n FROM numbers(12000000)', {})
        .then(() => finished.push('report'));
      for (let n = 1; n <= 5; n += 1) {
        await subject.store.write(
          flushOf({ legs: [answered(key, moment, n * 1000, { contact: `c${n}`, version: n })] }),
        );
        finished.push('write');
        const [window] = await subject.store.windows([
          {
            ...key,
            queue: queue('support'),
            from: moment,
            to: at(`${TODAY}T10:00:00Z`),
            thresholdSeconds: 150,
            shortAbandonSeconds: 5,
            businessDay: TODAY,
          },
        ]);
        expect(window?.answered).toBe(n);
        finished.push('windows');
      }
      await heavy;
      expect(finished).toEqual([...Array.from({ length: 5 }, () => ['write', 'windows']).flat(), 'report']);
    });
  });
};
