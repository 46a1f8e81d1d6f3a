import { readFileSync } from 'node:fs';
import type { Speed } from './delivery/pace.js';

/** A flag that cannot be used as given: the message names it and says what would be right. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface NumberRange {
  readonly min: number;
  readonly max: number;
  readonly whole?: boolean;
}

/** A numeric flag within a range. Throws {@link UsageError}. */
export const numberFlag = (name: string, text: string, { min, max, whole }: NumberRange): number => {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!Number.isFinite(value) || value < min || value > max || (whole && !Number.isInteger(value)))
    throw new UsageError(`--${name} is "${text}"; it must be a ${whole ? 'whole ' : ''}number from ${min} to ${max}`);
  return value;
};

/** `--speed`: `max`, or simulated seconds per second. Throws {@link UsageError}. */
export const speedFlag = (text: string): Speed => {
  if (text === 'max') return 'max';
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (!(value > 0 && value <= 1_000_000))
    throw new UsageError(
      `--speed is "${text}"; it must be max, or a number above 0: 1 is real time, 60 a minute a second`,
    );
  return value;
};

/** An RFC 3339 instant as milliseconds since the epoch. Throws {@link UsageError}. */
export const instantFlag = (name: string, text: string): number => {
  const value = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/.test(text)
    ? Date.parse(text)
    : Number.NaN;
  if (Number.isNaN(value))
    throw new UsageError(`--${name} is "${text}"; it must be a time with a zone, for instance 2026-03-02T00:00:00Z`);
  return value;
};

/** One of a list of words. Throws {@link UsageError}. */
export const choiceFlag = <Choice extends string>(name: string, text: string, choices: readonly Choice[]): Choice => {
  const choice = choices.find((each) => each === text);
  if (choice === undefined) throw new UsageError(`--${name} is "${text}"; it must be one of ${choices.join(', ')}`);
  return choice;
};

/** Tenant and site ids as the event contract wants them. Throws {@link UsageError}. */
export const slugFlag = (name: string, text: string): string => {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/.test(text))
    throw new UsageError(
      `--${name} is "${text}"; it may hold letters, digits, dot, dash and underscore, and at most 64 of them`,
    );
  return text;
};

/** The origin of a server. Throws {@link UsageError}. */
export const originFlag = (name: string, text: string): string => {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new UsageError(
      `--${name} is "${text}"; it must be the address of a server, for instance http://127.0.0.1:8080`,
    );
  return text;
};

/**
 * The API key: from `--key`, from the first line of the file that `--key-file` names (`-` is standard input), so that it
 * need not stand in a process list. Throws {@link UsageError}.
 */
export const keyFlag = (key: string | undefined, keyFile: string | undefined): string => {
  if (key !== undefined) return key;
  if (keyFile === undefined)
    throw new UsageError('--to needs --key or --key-file: an API key with the scope "ingest", from queuecast.yaml');
  const [line = ''] = readFileSync(keyFile === '-' ? 0 : keyFile, 'utf8').split('\n');
  return line.trim();
};

/** Runs a program: usage errors and expected failures are one line on standard error and exit code 2 or 1. */
export const runProgram = async (
  program: (argv: readonly string[], signal: AbortSignal) => Promise<number>,
): Promise<void> => {
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => {
      process.stderr.write(`\n${name}: finishing the batch in hand; once more to stop at once\n`);
      interrupted.abort();
    });
  try {
    process.exitCode = await program(process.argv.slice(2), interrupted.signal);
  } catch (error) {
    const { message, stack } = error as Error;
    const expected =
      error instanceof Error && (error instanceof UsageError || EXPECTED.has(error.name) || 'code' in error);
    process.stderr.write(`${expected ? message : (stack ?? message)}\n`);
    process.exitCode = error instanceof UsageError ? 2 : 1;
  }
};

/** Failures whose message is all that the user needs. */
const EXPECTED = new Set([
  'SendError',
  'MappingError',
  'ImportError',
  'SettingsError',
  'LogAwayError',
  'LogMisconfiguredError',
  'MigrationError',
  'StoreAwayError',
]);
