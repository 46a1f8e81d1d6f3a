import { describe, expect, it } from 'vitest';
import { LEDGER_CLASSES, METRIC_PARAMETERS, METRICS } from './metrics.js';
import { MEASURES } from './measures.js';
import { citation, measuresOf, metricsNamed, UnknownMetricError } from './registry.js';
import { metricsOver } from './sql.js';

const SQL_FUNCTIONS = ['arraySum', 'mapValues', 'mapFilter', 'if', 'length', 'NULL', 'second', 'legs'];

describe('the metric registry', () => {
  it('has each id and version once, and each version with a date, a name and a meaning', () => {
    expect(new Set(METRICS.map(citation)).size).toBe(METRICS.length);
    for (const metric of METRICS) {
      expect(metric.meaning).toMatch(/^[A-Z].*\.$/);
      expect(metric.name).not.toBe('');
      expect(new Date(metric.validFrom).toISOString().slice(0, 10)).toBe(metric.validFrom);
    }
  });

  it('has measures with names of their own, which no metric and no parameter bears', () => {
    const names = MEASURES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const other of [...METRICS.map(({ id }) => id), ...METRIC_PARAMETERS]) expect(names).not.toContain(other);
  });

  it('defines metrics over measures and parameters only', () => {
    const known = new Set([...MEASURES.map(({ name }) => name), ...METRIC_PARAMETERS, ...SQL_FUNCTIONS]);
    for (const metric of METRICS)
      for (const word of metric.sql.match(/[A-Za-z_]\w*/g) ?? [])
        expect(known, `${metric.id}: ${word}`).toContain(word);
  });

  it('uses every measure', () => {
    expect(measuresOf(METRICS)).toEqual(MEASURES);
  });

  it('gives definitions by id, once each, in the order asked for', () => {
    expect(metricsNamed(['asa', 'offered', 'asa']).map(citation)).toEqual(['asa@1', 'offered@1']);
    expect(metricsNamed([])).toEqual(METRICS);
    expect(metricsNamed(LEDGER_CLASSES)).toHaveLength(LEDGER_CLASSES.length);
  });

  it('refuses an unknown id, naming those there are', () => {
    expect(() => metricsNamed(['asb'])).toThrow(UnknownMetricError);
    expect(() => metricsNamed(['asb'])).toThrow(/"asb" is not a metric; choose among offered, contacts,/);
  });

  it('generates SQL that reads only the measures a metric needs', () => {
    const sql = metricsOver(metricsNamed(['asa']), 'SELECT 1', ['queue']);
    expect(sql).toContain('sum(answered_wait_ms)');
    expect(sql).not.toContain('talk_sum_ms');
    expect(sql).toContain('GROUP BY queue');
  });
});
