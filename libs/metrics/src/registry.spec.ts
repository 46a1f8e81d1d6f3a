import { describe, expect, it } from 'vitest';
import { ATTRIBUTIONS } from './attribution.js';
import { CALLBACK_MEASURES } from './callback-measures.js';
import { LEDGER_CLASSES } from './definitions/ledger.js';
import { METRIC_PARAMETERS, type Metric } from './metric.js';
import {
  citation,
  MEASURES,
  measuresOf,
  MetricRegistry,
  METRICS,
  metricsNamed,
  REGISTRY,
  RegistryError,
  UnknownMetricError,
} from './registry.js';
import { SPELL_MEASURES } from './spell-measures.js';
import { metricsOver, served } from './sql.js';

const SQL_FUNCTIONS =
  'arraySum mapValues mapKeys mapFilter mapAdd arraySort arrayFirst arrayCumSum intDiv sqrt if empty length NULL second legs upto'.split(
    ' ',
  );

const queues = METRICS.filter(({ subject }) => subject === 'queues');

describe('the metric registry', () => {
  it('has each id and version once, and each version with a date, a name and a meaning', () => {
    expect(new Set(METRICS.map(citation)).size).toBe(METRICS.length);
    for (const metric of METRICS) {
      expect(metric.meaning).toMatch(/^[A-Z0-9].*\.$/);
      expect(metric.name).not.toBe('');
      expect(metric.attributions).toContain(metric.attribution);
      expect(new Date(metric.validFrom).toISOString().slice(0, 10)).toBe(metric.validFrom);
    }
  });

  it('has measures with names of their own, which no metric of queues and no parameter bears', () => {
    const names = MEASURES.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const other of METRIC_PARAMETERS) expect(names).not.toContain(other);
    const legs = MEASURES.filter(({ source }) => source === 'legs').map(({ name }) => name);
    for (const { id } of METRICS) expect(legs).not.toContain(id);
  });

  it('defines metrics over measures and parameters only, and gives each of them in its example', () => {
    const measures = new Set([...MEASURES, ...SPELL_MEASURES, ...CALLBACK_MEASURES].map(({ name }) => name));
    const known = new Set([...measures, ...METRIC_PARAMETERS, ...SQL_FUNCTIONS]);
    for (const metric of METRICS) {
      const words = metric.sql.match(/[A-Za-z_]\w*/g) ?? [];
      for (const word of words) expect(known, `${metric.id}: ${word}`).toContain(word);
      const needed = words.filter((word) => measures.has(word) || METRIC_PARAMETERS.some((name) => name === word));
      expect(Object.keys(metric.example.given), metric.id).toEqual(expect.arrayContaining(needed));
    }
  });

  it('uses every measure', () => {
    expect(measuresOf(queues)).toEqual(MEASURES);
    const words = new Set(METRICS.flatMap(({ sql }) => sql.match(/\w+/g) ?? []));
    for (const { name } of [...SPELL_MEASURES, ...CALLBACK_MEASURES]) expect(words).toContain(name);
  });

  it('gives definitions by id, once each, in the order asked for', () => {
    expect(metricsNamed(['asa', 'offered', 'asa']).map(citation)).toEqual(['asa@1', 'offered@1']);
    expect(metricsNamed([])).toEqual(METRICS);
    expect(metricsNamed(LEDGER_CLASSES)).toHaveLength(LEDGER_CLASSES.length);
  });

  it('refuses an unknown id or version, naming those there are', () => {
    expect(() => metricsNamed(['asb'])).toThrow(UnknownMetricError);
    expect(() => metricsNamed(['asb'])).toThrow(/"asb" is not a metric; choose among offered, contacts,/);
    expect(() => metricsNamed(['asa@7'])).toThrow(/"asa@7" has no such version; choose among asa@1/);
  });

  it('generates SQL that reads only the measures a metric needs', () => {
    const sql = metricsOver(served(metricsNamed(['asa'])), 'SELECT 1', ['queue']);
    expect(sql).toContain('sum(answered_wait_ms)');
    expect(sql).not.toContain('talk_sum_ms');
    expect(sql).toContain('GROUP BY queue');
  });
});

describe('a report’s columns', () => {
  const range = { subject: 'queues', attribution: 'arrival', firstDay: '2026-03-01', lastDay: '2026-03-31' } as const;

  it('are by default everything that kept intervals tell', () => {
    const keys = REGISTRY.select({ ...range, asked: [] }).map(({ key }) => key);
    expect(keys).toContain('p95_wait');
    expect(keys).not.toContain('first_contact_resolution');
    expect(keys).not.toContain('occupancy');
    expect(REGISTRY.select({ ...range, asked: ['first_contact_resolution'] })).toHaveLength(1);
  });

  it('are of the report’s subject, by an attribution that suits', () => {
    expect(() => REGISTRY.select({ ...range, asked: ['occupancy'] })).toThrow(
      /"occupancy" is a metric of agents; ask the report on agents/,
    );
    expect(() => REGISTRY.select({ ...range, attribution: 'event', asked: ['repeat_rate'] })).toThrow(
      /"repeat_rate" cannot be attributed by event; .* attribution=arrival/,
    );
    expect(() => REGISTRY.select({ ...range, attribution: 'clipped', asked: ['offered', 'asa'] })).toThrow(
      /"asa" cannot be attributed by clipped; leave it out, or ask for attribution=arrival or event or end/,
    );
    for (const attribution of ATTRIBUTIONS) {
      const keys = REGISTRY.select({ ...range, attribution, asked: [] }).map(({ key }) => key);
      expect(keys).toContain('service_level');
      expect(keys.includes('asa')).toBe(attribution !== 'clipped');
    }
  });

  it('divide only what counts in the same interval', () => {
    const quotients = queues.filter(({ sql }) => sql.includes(') / ('));
    expect(quotients.length).toBeGreaterThan(15);
    for (const metric of quotients) {
      // Who waits has not left: he counts where he joined until he does.
      const measures = measuresOf([metric]).filter(({ name }) => name !== 'waiting_since');
      const moments = new Set(measures.map(({ moment }) => moment));
      if (metric.attributions.includes('event')) expect([...moments], metric.id).toHaveLength(1);
      if (metric.attributions.includes('clipped'))
        expect(
          measures.filter(({ stretch }) => stretch !== null),
          metric.id,
        ).toEqual([]);
    }
  });
});

describe('a definition that changes', () => {
  const [first] = metricsNamed(['service_level']) as [Metric];
  const second: Metric = { ...first, version: 2, validFrom: '2026-03-15', sql: 'legs_answered / legs_offered' };
  const third: Metric = { ...first, version: 3, validFrom: '2026-06-01', sql: 'legs_offered' };
  const registry = new MetricRegistry([first, second, third]);
  const range = { asked: ['service_level'], subject: 'queues', attribution: 'arrival' } as const;
  const versions = (firstDay: string, lastDay: string, asked: readonly string[] = range.asked) =>
    registry
      .select({ ...range, asked, firstDay, lastDay })
      .map((column) => [column.key, column.versions.map(citation)]);

  it('is served by the version in force, by both where it changes, or by the one asked for', () => {
    expect(versions('2026-03-01', '2026-03-14')).toEqual([['service_level', ['service_level@1']]]);
    expect(versions('2026-03-01', '2026-03-15')).toEqual([['service_level', ['service_level@1', 'service_level@2']]]);
    expect(versions('2026-03-15', '2026-05-31')).toEqual([['service_level', ['service_level@2']]]);
    expect(versions('2026-03-01', '2026-12-31', ['service_level@2'])).toEqual([
      ['service_level@2', ['service_level@2']],
    ]);
    expect(registry.inForce(['service_level'], '2026-04-01').map(citation)).toEqual(['service_level@2']);
    expect(registry.named(['service_level']).map(citation)).toEqual(['service_level@3']);
  });

  it('has ascending versions and dates, and keeps its unit', () => {
    expect(() => new MetricRegistry([second, first])).toThrow(RegistryError);
    expect(() => new MetricRegistry([first, { ...second, validFrom: first.validFrom }])).toThrow(/later date/);
    expect(() => new MetricRegistry([first, { ...second, unit: 'ms' }])).toThrow(/a metric of its own/);
  });
});
