export { backToTarget, type BackToTarget, type Situation } from './back-to-target.js';
export { MAX_AGENTS, type Demand, type ServiceTarget } from './demand.js';
export { steadyState } from './erlang.js';
export { ObservedDemand } from './observed-demand.js';
export { requiredAgents } from './required-agents.js';
export { agentsOf, type AgentGroup } from './shared-agents.js';
export type { SteadyState } from './steady-state.js';
