import { Session, drainPending } from 'chdb';

/** What a request wants set before its statement runs: engine settings, query parameters, the database. */
export interface SessionSetup {
  readonly settings: ReadonlyMap<string, string>;
  readonly parameters: ReadonlyMap<string, string>;
  readonly database: string | null;
}

const literal = (value: string): string => `'${value.replace(/[\\']/g, '\\$&')}'`;

/** The statements that bring a new session into the state of `setup`; `readonly` last, since it forbids any more. */
const preparation = ({ settings, parameters, database }: SessionSetup): string[] => {
  const ordered = [...settings].sort(([one], [other]) => Number(one === 'readonly') - Number(other === 'readonly'));
  return [
    ...(database === null ? [] : [`USE \`${database.replace(/[\\`]/g, '\\$&')}\``]),
    ...[...parameters].map(([name, value]) => `SET param_${name} = ${literal(value)}`),
    ...(ordered.length === 0
      ? []
      : [`SET ${ordered.map(([name, value]) => `${name} = ${literal(value)}`).join(', ')}`]),
  ];
};

/**
 * Connections to the engine in this process, one statement at a time each. Settings stay with a connection, so that
 * each combination of settings has its own; one with query parameters is used once.
 */
export class EngineSessions {
  readonly #idle = new Map<string, Session[]>();
  readonly #open = new Set<Session>();
  readonly #first: Session;

  constructor(private readonly directory: string) {
    // Kept open throughout: the engine shuts down with its last connection.
    this.#first = new Session(directory);
  }

  /** Runs one statement, and gives its result as the engine wrote it. Engine errors come as the engine words them. */
  async run(setup: SessionSetup, sql: string, format: string): Promise<Uint8Array> {
    const key = JSON.stringify([
      setup.database,
      ...[...setup.settings].sort(([one], [other]) => (one < other ? -1 : 1)),
    ]);
    const reusable = setup.parameters.size === 0;
    const session = (reusable ? this.#idle.get(key)?.pop() : undefined) ?? (await this.#another(setup));
    try {
      return (await session.queryAsync(sql, { format })).bytes();
    } finally {
      if (reusable) this.#idle.set(key, [...(this.#idle.get(key) ?? []), session]);
      else this.#close(session);
    }
  }

  async close(): Promise<void> {
    for (const session of this.#open) session.close();
    this.#first.close();
    await drainPending();
  }

  async #another(setup: SessionSetup): Promise<Session> {
    const session = new Session(this.directory);
    this.#open.add(session);
    try {
      for (const statement of preparation(setup)) await session.queryAsync(statement);
    } catch (error) {
      this.#close(session);
      throw error;
    }
    return session;
  }

  #close(session: Session): void {
    this.#open.delete(session);
    session.close();
  }
}
