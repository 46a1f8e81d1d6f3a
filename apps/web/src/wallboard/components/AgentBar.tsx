import type { AgentCounts } from '@queuecast/live';
import { useWallboard } from '../context.js';
import type { WallboardKey } from '../words.js';

const STATES: readonly [state: keyof AgentCounts, label: WallboardKey][] = [
  ['available', 'available'],
  ['offered', 'offeredTo'],
  ['busy', 'busy'],
  ['wrap_up', 'wrap_up'],
  ['away', 'away'],
];

/** Agents by state: a bar to see the proportions, and every number with its name. */
export const AgentBar = ({ agents }: { readonly agents: AgentCounts | null }) => {
  const { say } = useWallboard().words;
  if (!agents) return <p class="agents-none">{say('agentsUnknown')}</p>;
  const total = STATES.reduce((sum, [state]) => sum + agents[state], 0);
  return (
    <div class="agents">
      <svg class="agents-bar" viewBox={`0 0 ${Math.max(1, total)} 1`} preserveAspectRatio="none" aria-hidden="true">
        {STATES.map(([state], at) => {
          const x = STATES.slice(0, at).reduce((sum, [before]) => sum + agents[before], 0);
          return <rect key={state} class={`agent-${state}`} x={x} y="0" width={agents[state]} height="1" />;
        })}
      </svg>
      <ul class="agents-counts">
        {STATES.map(([state, label]) => (
          <li key={state} data-none={agents[state] === 0 ? '' : undefined}>
            <span class="agents-number">
              <span class={`swatch agent-${state}`} aria-hidden="true" />
              {agents[state]}
            </span>
            <span class="agents-label">{say(label)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
};
