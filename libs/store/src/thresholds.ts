import { text, whole } from './literals.js';
import type { Thresholds } from './port.js';
import { requireWhole } from './report-range.js';

/** The longest threshold: a wait of more than 46 days is none. */
const MOST_SECONDS = 4_000_000;

/** How the queues of a report are counted: by `usual`, or by their own. */
export interface Counted<Name extends keyof Thresholds = keyof Thresholds> {
  readonly usual: Pick<Thresholds, Name>;
  readonly own?: ReadonlyMap<string, Thresholds> | undefined;
}

/** @throws InvalidReportError that names the field and the remedy */
export const checkThresholds = ({ usual, own }: Counted<never>): void => {
  for (const each of [usual as Partial<Thresholds>, ...(own?.values() ?? [])])
    for (const name of ['thresholdSeconds', 'shortAbandonSeconds'] as const)
      if (each[name] !== undefined) requireWhole(name, each[name], 0, MOST_SECONDS);
};

/** SQL of a threshold of the row's `queue`, whole seconds. */
export const thresholdSql = <Name extends keyof Thresholds>({ usual, own }: Counted<Name>, name: Name): string => {
  const others = [...(own ?? [])].filter(([, each]) => each[name] !== usual[name]);
  const common = `toUInt32(${whole(usual[name])})`;
  if (others.length === 0) return common;
  const queues = others.map(([queue]) => text(queue)).join(', ');
  const values = others.map(([, each]) => whole(each[name])).join(', ');
  return `toUInt32(transform(queue, [${queues}], [${values}], ${common}))`;
};
