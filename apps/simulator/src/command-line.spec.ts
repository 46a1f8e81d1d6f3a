import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  choiceFlag,
  instantFlag,
  keyFlag,
  numberFlag,
  originFlag,
  slugFlag,
  speedFlag,
  UsageError,
} from './command-line.js';
import { readFlags, required, selectionOf } from './import/arguments.js';

const share = { min: 0, max: 1 };

describe('flags', () => {
  it('are read as what they are', () => {
    expect(numberFlag('ghosts', '0.25', share)).toBe(0.25);
    expect([speedFlag('max'), speedFlag('60'), speedFlag('0.5')]).toEqual(['max', 60, 0.5]);
    expect(instantFlag('start', '2026-03-02T01:00:00+01:00')).toBe(Date.UTC(2026, 2, 2));
    expect(choiceFlag('scenario', 'night', ['day', 'night'])).toBe('night');
    expect(slugFlag('tenant', 'ville-de-liege')).toBe('ville-de-liege');
    expect(originFlag('to', 'http://127.0.0.1:8080')).toBe('http://127.0.0.1:8080');
  });

  it.each([
    [() => numberFlag('ghosts', '2', share), /--ghosts is "2"; it must be a number from 0 to 1/],
    [() => numberFlag('ghosts', '', share), /--ghosts is ""/],
    [() => numberFlag('sources', '1.5', { min: 1, max: 9, whole: true }), /--sources .* whole number from 1 to 9/],
    [() => speedFlag('0'), /--speed is "0"; it must be max, or a number above 0/],
    [() => speedFlag('fast'), /--speed is "fast"/],
    [() => instantFlag('start', '2026-03-02'), /--start is "2026-03-02"; it must be a time with a zone/],
    [() => instantFlag('start', '2026-13-02T00:00:00Z'), /--start/],
    [() => choiceFlag('scenario', 'dusk', ['day', 'night']), /--scenario is "dusk"; it must be one of day, night/],
    [() => slugFlag('tenant', 'a/b'), /--tenant is "a\/b"/],
    [() => originFlag('to', 'localhost:8080'), /--to is "localhost:8080"; it must be the address of a server/],
    [() => keyFlag(undefined, undefined), /--to needs --key or --key-file/],
    [() => readFlags(['--colour', 'red']), /Unknown option '--colour'[^]*npm run import/],
    [() => required('file', undefined), /--file is missing/],
    [() => selectionOf({ date: '2014-02-30' }), /--date is "2014-02-30"; it must be a day like/],
    [() => selectionOf({ date: '2014-03-04..2014-03-03' }), /--date/],
    [() => selectionOf({ queues: 'a,,b' }), /--queues is "a,,b"/],
  ])('are refused with their name and the remedy: %#', (read, message) => {
    expect(read).toThrow(UsageError);
    expect(read).toThrow(message);
  });

  it('select days and queues', () => {
    expect(selectionOf({})).toEqual({ from: null, to: null, queues: null });
    expect(selectionOf({ date: '2014-03-03', queues: 'a, b' })).toEqual({
      from: '2014-03-03',
      to: '2014-03-03',
      queues: new Set(['a', 'b']),
    });
    expect(selectionOf({ date: '2014-03-03..2014-03-05' })).toMatchObject({ to: '2014-03-05' });
  });

  it('take the key from a file, so that no process list shows it', () => {
    const directory = mkdtempSync(join(tmpdir(), 'queuecast-key-'));
    try {
      writeFileSync(join(directory, 'key'), 'secret\n');
      expect(keyFlag(undefined, join(directory, 'key'))).toBe('secret');
      expect(keyFlag('given', join(directory, 'key'))).toBe('given');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
