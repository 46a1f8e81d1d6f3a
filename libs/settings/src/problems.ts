import type { SettingPath } from './outline.js';

/** One thing wrong with the settings, before it is known where in a file it stands. */
export interface SettingProblem {
  readonly path: SettingPath;
  /** The unknown or repeated key itself is what is wrong, not its value. */
  readonly atKey?: string;
  /** What is wrong and what would be right. */
  readonly message: string;
}

/** The settings cannot be used. The message has one line per problem, with file, line, column and path. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';

  /** @param problems one line each: `queuecast.yaml:14:7 tenants[0].queues[2].thresholdSeconds: must be ...` */
  constructor(readonly problems: readonly string[]) {
    super(problems.join('\n'));
  }
}
