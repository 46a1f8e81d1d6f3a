/** One part of the process that must be up for it to do its work. */
export type PartState = { readonly state: 'up' } | { readonly state: 'away'; readonly reason: string };

export interface ReadinessReport {
  readonly ready: boolean;
  readonly parts: Readonly<Record<string, PartState>>;
}

const CHECK_TIMEOUT_MS = 2_000;

/** Whether the process can do its work, part by part. One per process; each role adds its parts. */
export class Readiness {
  private readonly parts = new Map<string, () => PartState | Promise<PartState>>();

  /** Adds a part, or replaces the part of the same name. */
  add(name: string, check: () => PartState | Promise<PartState>): void {
    this.parts.set(name, check);
  }

  /** Checks all parts side by side. A check that throws, or takes longer than 2 s, counts as away. */
  async report(): Promise<ReadinessReport> {
    const states = await Promise.all(
      [...this.parts].map(async ([name, check]): Promise<[string, PartState]> => [name, await stateOf(check)]),
    );
    return { ready: states.every(([, part]) => part.state === 'up'), parts: Object.fromEntries(states) };
  }
}

const stateOf = async (check: () => PartState | Promise<PartState>): Promise<PartState> => {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<PartState>((resolve) => {
    timer = setTimeout(
      () => resolve({ state: 'away', reason: `no answer within ${CHECK_TIMEOUT_MS} ms` }),
      CHECK_TIMEOUT_MS,
    );
  });
  try {
    return await Promise.race([check(), timeout]);
  } catch (error) {
    return { state: 'away', reason: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
};
