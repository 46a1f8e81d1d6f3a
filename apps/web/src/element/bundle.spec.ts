import { Script } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundleElement } from '../../bundles.js';
import { PUBLIC_LANGUAGES } from './words.js';

const MOST_BYTES = 20 * 1024;

describe('the element as other sites load it', () => {
  let code: string;
  beforeAll(async () => {
    code = await bundleElement();
  });

  it('is at most 20 KiB gzipped', () => {
    expect(gzipSync(code, { level: 9 }).byteLength).toBeLessThanOrEqual(MOST_BYTES);
  });

  it('is one classic script that needs nothing else', () => {
    expect(code).not.toMatch(/\bimport\s*[({"']/);
    expect(code).not.toMatch(/\bexport\s*[{*]/);
    expect(code).not.toContain('process.env');
    expect(() => new Script(code)).not.toThrow();
  });

  it('speaks every language of its folder', () => {
    const names = Object.values(PUBLIC_LANGUAGES).map(({ name }) => name);
    expect(names.filter((name) => !code.includes(name))).toEqual([]);
  });

  it('asks nothing of a strict content security policy, and stores nothing', () => {
    expect(code).not.toMatch(/\beval\(|new Function\(|innerHTML|\.style\b|createElement\(["'`]style/);
    expect(code).not.toMatch(/localStorage|sessionStorage|document\.cookie|indexedDB/);
  });
});
