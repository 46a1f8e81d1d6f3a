import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { checkConsistency } from './consistency.js';
import { applyOverrides, readEnvironment, type Environment, type Override } from './environment.js';
import { explain } from './explain.js';
import { pathText, type SettingPath } from './outline.js';
import { SettingsError, type SettingProblem } from './problems.js';
import { settingsSchema, type Settings } from './schema.js';
import { parseSettingsFile, type SettingsSource } from './source.js';

/** Read if it exists and `QUEUECAST_CONFIG` names no other. */
export const DEFAULT_FILE = 'queuecast.yaml';
const MIN_SECRET_LENGTH = 32;

export interface LoadOptions {
  /** The process environment unless given. */
  readonly environment?: Environment;
  /** A settings file that must exist; otherwise `QUEUECAST_CONFIG`, otherwise `./queuecast.yaml` if it exists. */
  readonly file?: string;
}

/** Settings with what the environment alone holds: secrets resolved, every API key with its `sha256`, webhooks with their secret. */
export type LoadedSettings = Settings & {
  /** The file read; null if there was none. */
  readonly file: string | null;
  /** Secret that signs wallboard tokens, from the variable that `secretEnv` names; null if unset. */
  readonly secret: string | null;
};

/** Settings checked for themselves, and the environment variables they rely on. */
export interface CheckedSettings {
  readonly settings: Settings;
  readonly file: string | null;
  /** Variables named by `apiKeys[].env` and `webhook.secretEnv` that are unset or empty here, with the path that names them. */
  readonly unsetKeys: readonly { readonly env: string; readonly path: SettingPath }[];
  /** A further problem with these settings as one line, with file, line and column. */
  readonly place: (problem: SettingProblem) => string;
}

const absent: SettingsSource = {
  value: {},
  offset: () => 0,
  place: ({ path, message }) => `${path.length > 0 ? `${pathText(path)}: ` : ''}${message}`,
};

const readSource = (file: string, named: string | undefined): SettingsSource => {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new SettingsError([`${named ?? file}: cannot read ${file}: ${(error as Error).message}`]);
  }
  return parseSettingsFile(text, file);
};

const startsWith = (path: SettingPath, prefix: SettingPath): boolean => prefix.every((step, i) => path[i] === step);

const placeWith = (source: SettingsSource, overrides: readonly Override[]) => (problem: SettingProblem) => {
  const override = overrides.find(({ path }) => startsWith(problem.path, path));
  if (!override) return source.place(problem);
  const isServiceLink = typeof override.value === 'string' && override.value.startsWith('tcp://');
  // Kubernetes injects QUEUECAST_PORT=tcp://... beside a Service that is named queuecast.
  const hint = isServiceLink ? ' (set by Kubernetes for a Service of this name: enableServiceLinks: false)' : '';
  return `${override.env} (${pathText(problem.path)}): ${problem.message}${hint}`;
};

/**
 * Reads and checks the settings without needing the secrets they refer to.
 *
 * @throws {@link SettingsError} with every problem found, each with file, line, column and path, or the variable
 */
export const check = ({ environment = process.env, file }: LoadOptions = {}): CheckedSettings => {
  const fromEnvironment = environment['QUEUECAST_CONFIG'];
  const named = file === undefined && fromEnvironment ? 'QUEUECAST_CONFIG' : undefined;
  const path = file ?? (fromEnvironment || (existsSync(DEFAULT_FILE) ? DEFAULT_FILE : null));
  const source = path === null ? absent : readSource(path, named);
  const overrides = readEnvironment(environment);
  const document = applyOverrides(source.value, overrides);
  const parsed = settingsSchema.safeParse(document);
  const place = placeWith(source, overrides);
  const problems = [
    ...(parsed.success ? [] : parsed.error.issues.flatMap((issue) => explain(issue, document))),
    ...checkConsistency(parsed.success ? parsed.data : document),
  ];
  if (!parsed.success || problems.length > 0) {
    problems.sort((a, b) => source.offset(a) - source.offset(b));
    throw new SettingsError(problems.map(place));
  }
  const unset = (env: string | undefined, path: SettingPath) =>
    env !== undefined && !environment[env] ? [{ env, path }] : [];
  const unsetKeys = parsed.data.tenants.flatMap(({ apiKeys, callbacks, webhooks }, t) => [
    ...apiKeys.flatMap(({ env }, k) => unset(env, ['tenants', t, 'apiKeys', k, 'env'])),
    ...unset(callbacks.webhook?.secretEnv, ['tenants', t, 'callbacks', 'webhook', 'secretEnv']),
    ...unset(callbacks.codes?.secretEnv, ['tenants', t, 'callbacks', 'codes', 'secretEnv']),
    ...unset(webhooks?.secretEnv, ['tenants', t, 'webhooks', 'secretEnv']),
  ]);
  return { settings: parsed.data, file: path, unsetKeys, place };
};

/** A webhook with the secret that its `secretEnv` names. */
const withSecret = <Webhook extends { secret?: string | undefined; secretEnv?: string | undefined }>(
  webhook: Webhook,
  environment: Environment,
): Webhook => {
  const secret = webhook.secretEnv === undefined ? webhook.secret : environment[webhook.secretEnv];
  return secret === undefined ? webhook : { ...webhook, secret };
};

/**
 * Reads `queuecast.yaml` and the environment (which wins), checks them, and resolves the secrets they name.
 * The only place that reads the process environment.
 *
 * @throws {@link SettingsError} with every problem found; print its message and end
 */
export const load = (options: LoadOptions = {}): LoadedSettings => {
  const environment = options.environment ?? process.env;
  const { settings, file, unsetKeys, place } = check(options);
  const problems = unsetKeys.map(({ env, path }) => place({ path, message: `environment variable ${env} is not set` }));
  const secret = environment[settings.secretEnv] || null;
  if (secret !== null && secret.length < MIN_SECRET_LENGTH)
    problems.push(`${settings.secretEnv}: must have at least ${MIN_SECRET_LENGTH} characters: openssl rand -hex 32`);
  const digest = (env: string) =>
    createHash('sha256')
      .update(environment[env] ?? '')
      .digest('hex');
  const tenants = settings.tenants.map((tenant) => ({
    ...tenant,
    apiKeys: tenant.apiKeys.map((key) => (key.env === undefined ? key : { ...key, sha256: digest(key.env) })),
    callbacks: {
      ...tenant.callbacks,
      ...(tenant.callbacks.webhook && { webhook: withSecret(tenant.callbacks.webhook, environment) }),
      ...(tenant.callbacks.codes && { codes: withSecret(tenant.callbacks.codes, environment) }),
    },
    ...(tenant.webhooks && { webhooks: withSecret(tenant.webhooks, environment) }),
  }));
  // Two variables may hold one key: whose events would it send?
  if (problems.length === 0) problems.push(...checkConsistency({ tenants }).map(place));
  if (problems.length > 0) throw new SettingsError(problems);
  return { ...settings, tenants, file, secret };
};
