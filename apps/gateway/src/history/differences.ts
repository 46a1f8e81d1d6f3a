import type { FrameDifference, ReplayedFrame } from '@queuecast/live';

type Figure = number | string | null;

/** What of a frame is compared, as `field` and value. Of lists the parts that a wallboard shows as figures. */
const figuresOf = (frame: ReplayedFrame): Record<string, Figure> => {
  const { waiting, oldest, agents, opening, today, source } = frame;
  const figures: Record<string, Figure> = {
    waiting,
    'oldest.queuedAt': oldest[0]?.queuedAt ?? null,
    'opening.state': opening.state,
    'source.state': source.state,
  };
  for (const [state, count] of Object.entries(agents ?? {})) figures[`agents.${state}`] = count;
  for (const [name, value] of Object.entries(today ?? {}))
    if (typeof value === 'number') figures[`today.${name}`] = value;
  return figures;
};

/** The figures that are not what they were, by queue; a queue that one side lacks has all of them. */
export const differencesOf = (then: readonly ReplayedFrame[], now: readonly ReplayedFrame[]): FrameDifference[] => {
  const before = new Map(then.map((frame) => [frame.queue, figuresOf(frame)]));
  const after = new Map(now.map((frame) => [frame.queue, figuresOf(frame)]));
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((queue) => {
    const [one, other] = [before.get(queue) ?? {}, after.get(queue) ?? {}];
    return [...new Set([...Object.keys(one), ...Object.keys(other)])]
      .filter((field) => (one[field] ?? null) !== (other[field] ?? null))
      .map((field) => ({ queue, field, then: one[field] ?? null, now: other[field] ?? null }));
  });
};
