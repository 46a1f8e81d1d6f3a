import { SettingsError } from '@queuecast/settings';

/** Errors whose message is all that the operator needs; anything else is shown with its stack. */
const PLAIN_ERRORS = new Set([
  'LogMisconfiguredError',
  'LogAwayError',
  'MigrationError',
  'MissingServerError',
  'StoreAwayError',
  'UsageError',
]);

const isPlain = (error: unknown): error is Error =>
  error instanceof SettingsError || (error instanceof Error && (PLAIN_ERRORS.has(error.name) || 'code' in error));

const messageOf = (error: Error): string =>
  'code' in error && error.code === 'EADDRINUSE'
    ? `${error.message}: stop what listens there, or choose another port (QUEUECAST_PORT)`
    : error.message;

/** Runs a process's main function; what it throws is printed once, and the process ends with 1. */
export const run = (main: () => Promise<void>): void => {
  main().catch((error: unknown) => {
    console.error(isPlain(error) ? `queuecast: ${messageOf(error)}` : error);
    process.exit(1);
  });
};

/** Ends the process on SIGINT or SIGTERM after `close` has finished; a second signal ends it at once. */
export const closeOnSignal = (close: () => Promise<void>): void => {
  let closing = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (closing) process.exit(1);
    closing = true;
    console.log(`${signal}: finishing what was begun`);
    close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
};
