export { startDemo, type Demo, type DemoOptions } from './demo/start-demo.js';
export { demoTenants, type TenantInput } from './demo/tenants.js';
export { centreOf, defaultPeriodOf, SCENARIOS, type ScenarioName, type ScenarioPeriod } from './centre/scenarios.js';
export { Simulation, type SimulationOptions } from './centre/simulation.js';
export { imbalance, type LedgerRow } from './centre/ledger.js';
export { Random } from './centre/random.js';
export type { TimedEvent } from './centre/stage.js';
export type { ClosedTruth, LegTruth, SpellTruth } from './centre/leg-truth.js';
export type { GroundTruth, TruthDetails } from './centre/truth.js';
export { FaultyDelivery, NO_FAULTS, type DeliveryFaults, type InjectedFaults } from './delivery/inject.js';
export {
  createHttpSender,
  SendError,
  type HttpSenderOptions,
  type Send,
  type SendResult,
} from './delivery/http-sender.js';
export { pace, type PaceOptions, type Speed } from './delivery/pace.js';
