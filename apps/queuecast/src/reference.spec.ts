import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { EVENT_TYPES } from '@queuecast/events';
import { METRICS } from '@queuecast/metrics';
import { environmentSettings } from '@queuecast/settings';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { PublicGateway } from '../../gateway/src/sockets/public.gateway.js';
import { WallboardGateway } from '../../gateway/src/sockets/wallboard.gateway.js';
import { REFERENCE_FOLDER, referencePages } from './reference-pages.js';

const root = resolve(import.meta.dirname, '../../..');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
const pages = referencePages(version);

interface Document {
  readonly channels: Record<string, { readonly address: string; readonly messages: Record<string, unknown> }>;
}

describe('the generated reference', () => {
  it.each([...pages.keys()])('%s is what the code says (if not: npm run docs)', (name) => {
    expect(readFileSync(join(root, REFERENCE_FOLDER, name), 'utf8')).toBe(pages.get(name));
  });

  it('names every event type, metric and environment variable', () => {
    for (const type of EVENT_TYPES) expect(pages.get('events.md')).toContain(`### ${type}\n`);
    for (const { id, version: of } of METRICS) expect(pages.get('metrics.md')).toContain(`\`${id}@${of}\``);
    const variables = environmentSettings().map(({ env }) => env);
    expect(variables).toHaveLength(6);
    for (const variable of variables) expect(pages.get('configuration.md')).toContain(`\`${variable}\``);
  });

  it('describes every setting', () => {
    const rows = pages
      .get('configuration.md')!
      .split('\n')
      .filter((line) => line.startsWith('| `'));
    expect(rows.length).toBeGreaterThan(40);
    const weekday = /\.hours`/;
    for (const row of rows.filter((line) => !weekday.test(line))) expect(row).not.toMatch(/\| {2}\|$/);
  });

  it('has every message that the sockets take', () => {
    const handled = (gateway: { readonly prototype: object }): string[] =>
      Object.getOwnPropertyNames(gateway.prototype).flatMap((name) => {
        const handler: unknown = Object.getOwnPropertyDescriptor(gateway.prototype, name)?.value;
        // What `@SubscribeMessage` leaves on a handler.
        const message: unknown = typeof handler === 'function' ? Reflect.getMetadata('message', handler) : undefined;
        return typeof message === 'string' ? [message] : [];
      });
    const { operations } = parse(pages.get('asyncapi.yaml')!) as {
      readonly operations: Record<string, { readonly messages: readonly { readonly $ref: string }[] }>;
    };
    const described = (operation: string) => operations[operation]?.messages.map(({ $ref }) => $ref.split('/').at(-1));
    expect(handled(PublicGateway).sort()).toEqual(described('publicReceives')?.sort());
    // A channel has one message of each name, and the gateway sends a snapshot, too.
    expect(handled(WallboardGateway)).toEqual(['snapshot']);
    expect(described('wallboardReceives')).toEqual(['requestSnapshot']);
  });

  it('is an AsyncAPI document in which every reference leads somewhere', () => {
    const document = parse(pages.get('asyncapi.yaml')!) as Document & Record<string, unknown>;
    expect(document['asyncapi']).toBe('3.0.0');
    expect(Object.keys(document.channels)).toEqual([
      'events',
      'intake',
      'deadLetters',
      'wallboard',
      'public',
      'dialer',
      'codeSender',
      'waitWatcher',
    ]);
    expect(Object.keys(document.channels['events']!.messages)).toEqual(EVENT_TYPES);
    const references: string[] = [];
    const collect = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const [key, inner] of Object.entries(value)) {
        if (key === '$ref') references.push(inner as string);
        collect(inner);
      }
    };
    collect(document);
    expect(references.length).toBeGreaterThan(EVENT_TYPES.length);
    for (const reference of references) {
      const target = reference
        .slice(2)
        .split('/')
        .reduce<unknown>((inner, step) => (inner as Record<string, unknown> | undefined)?.[step], document);
      expect(target, reference).toBeDefined();
    }
  });
});
