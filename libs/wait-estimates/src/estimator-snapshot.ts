import { Calibration, Ends, QueueBand } from './band/calibration.js';
import { ShockWatch } from './band/shock.js';
import { Chance } from './learner/chance.js';
import { ExampleMemory } from './learner/example-memory.js';
import { WaitLearner } from './learner/learner.js';
import { Parameters } from './learner/parameters.js';
import { QuantileNetwork, QueueTerms } from './learner/quantile-network.js';
import { QueueRules, RuleBook } from './rules.js';
import { Agent, AgentPool, QueueStaff } from './signals/agent-pool.js';
import { FadingAverage, FadingSum, ForgettingMean } from './signals/decay.js';
import { QueueFigures } from './signals/queue-figures.js';
import { QueueSharing } from './signals/queue-sharing.js';
import { SiteSignals } from './signals/site-signals.js';
import { restoredFrom, snapshotOf, type Classes } from './snapshot.js';
import { AsteriskHoldTime, LastToEnterService, MovingAverageWait } from './textbook.js';

/** Rises with every change of what is kept or how the features are made. */
const SNAPSHOT_VERSION = 6;
const CLASSES: Classes = {
  Agent,
  AgentPool,
  AsteriskHoldTime,
  Calibration,
  Chance,
  Ends,
  ExampleMemory,
  FadingAverage,
  FadingSum,
  ForgettingMean,
  LastToEnterService,
  MovingAverageWait,
  Parameters,
  QuantileNetwork,
  QueueBand,
  QueueFigures,
  QueueRules,
  QueueSharing,
  QueueStaff,
  QueueTerms,
  RuleBook,
  ShockWatch,
  SiteSignals,
  WaitLearner,
};

/** What an estimator knows, as bytes; of which classes it may be made is named here. */
export const estimatorSnapshot = (state: object): Uint8Array<ArrayBuffer> =>
  snapshotOf(state, CLASSES, SNAPSHOT_VERSION);

/** What an estimator knew; null of bytes that another version of this code wrote, or that are damaged. */
export const restoredEstimator = (snapshot: Uint8Array): object | null => {
  const state = restoredFrom(snapshot, CLASSES, SNAPSHOT_VERSION);
  return typeof state === 'object' ? state : null;
};
