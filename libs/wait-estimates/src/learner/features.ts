import type { WaitSignals } from '../signals/wait-signals.js';

/** Waits, counts and their ratios span orders of magnitude, and matter by their ratios. */
const log = (value: number): number => (Math.log1p(Math.max(0, value)) - LOG_CENTRE) / LOG_SPREAD;
const LOG_CENTRE = 2;
const LOG_SPREAD = 2;

/** log(1 + wait) from the feature made of it. */
export const logWaitOf = (feature: number): number => feature * LOG_SPREAD + LOG_CENTRE;

const HOUR_S = 3600;

/**
 * The learner's inputs: fixed functions of the signals, of order one whatever the centre, so that nothing about their
 * scale must be learnt, kept or moved.
 */
const FEATURES: readonly (readonly [name: string, of: (signals: WaitSignals) => number])[] = [
  ['lastWait', (s) => log(s.lastWait)],
  ['siteLastWait', (s) => log(s.siteLastWait)],
  ['waiting', (s) => log(s.waiting)],
  ['headWait', (s) => log(s.headWait)],
  ['sinceLastAnswer', (s) => log(s.sinceLastAnswer)],
  ['recentWait', (s) => log(s.recentWait)],
  ['meanWait120', (s) => log(s.meanWait120)],
  ['meanWait300', (s) => log(s.meanWait300)],
  ['arrivals60', (s) => log(s.arrivals60)],
  ['arrivals300', (s) => log(s.arrivals300)],
  ['answers30', (s) => log(s.answers30)],
  ['answers120', (s) => log(s.answers120)],
  ['answers600', (s) => log(s.answers600)],
  ['unqueuedShare', (s) => s.unqueuedShare - 0.5],
  ['found', (s) => log(s.found)],
  ['handle', (s) => log(s.handle)],
  ['waitAtRecentRate', (s) => log(s.waitAtRecentRate)],
  ['waitAtSlowRate', (s) => log(s.waitAtSlowRate)],
  ['waitAtMixedRate', (s) => log(s.waitAtMixedRate)],
  ['busy', (s) => log(s.busy)],
  ['busyShare', (s) => log(s.busyShare)],
  ['newlyBusy60', (s) => log(s.newlyBusy60)],
  ['released30', (s) => log(s.released30)],
  ['released300', (s) => log(s.released300)],
  ['released1800', (s) => log(s.released1800)],
  ['releases60', (s) => log(s.releases60)],
  ['waitByStaff', (s) => log(s.waitByStaff)],
  ['waitByPool', (s) => log(s.waitByPool)],
  ['othersWaiting', (s) => log(s.othersWaiting)],
  ['othersLoad', (s) => log(s.othersLoad)],
  ['othersHeadWait', (s) => log(s.othersHeadWait)],
  ['othersLongest', (s) => log(s.othersLongest)],
  ['othersAnswers', (s) => log(s.othersAnswers)],
  ['othersLastWait', (s) => log(s.othersLastWait)],
  ['shared', (s) => s.shared - 0.5],
  ['siteWaiting', (s) => log(s.siteWaiting)],
  ['siteHeadWait', (s) => log(s.siteHeadWait)],
  ['siteSinceLastAnswer', (s) => log(s.siteSinceLastAnswer)],
  ['siteRecentWait', (s) => log(s.siteRecentWait)],
  ['siteArrivals60', (s) => log(s.siteArrivals60)],
  ['siteArrivals300', (s) => log(s.siteArrivals300)],
  ['siteAnswers30', (s) => log(s.siteAnswers30)],
  ['siteAnswers120', (s) => log(s.siteAnswers120)],
  ['siteAnswers600', (s) => log(s.siteAnswers600)],
  ['siteUnqueuedShare', (s) => s.siteUnqueuedShare - 0.5],
  ['siteBusy', (s) => log(s.siteBusy)],
  ['siteReleased', (s) => log(s.siteReleased)],
  ['siteReleases60', (s) => log(s.siteReleases60)],
  ['siteSeen', (s) => log(s.siteSeen)],
  ['siteWaitByStaff', (s) => log(s.siteWaitByStaff)],
  ['siteWaitAtFastRate', (s) => log(s.siteWaitAtFastRate)],
  ['siteWaitAtRecentRate', (s) => log(s.siteWaitAtRecentRate)],
  ['busyTrend', (s) => s.busyTrend - 1],
  ['waitingTrend', (s) => Math.min(4, s.waitingTrend) - 1],
  ['queueingFor', (s) => log(s.queueingFor)],
  ['sinceOpening', (s) => Math.min(2, s.sinceOpening / HOUR_S) - 1],
  ['toClosing', (s) => (s.toClosing === null ? 0 : 1 - Math.min(1, s.toClosing / HOUR_S))],
  ['sinceAgentChange', (s) => (s.sinceAgentChange === null ? 0 : Math.exp(-s.sinceAgentChange / 300))],
];

export const FEATURE_NAMES: readonly string[] = FEATURES.map(([name]) => name);
export const FEATURE_COUNT = FEATURES.length;
/** Where the features are whose meaning a fresh learner starts from. */
export const LAST_WAIT_FEATURE = FEATURE_NAMES.indexOf('lastWait');
export const SITE_LAST_WAIT_FEATURE = FEATURE_NAMES.indexOf('siteLastWait');
const LIMIT = 4;

/** @returns the features of these signals, each within -4 and 4; written to `features` */
export const featuresOf = (signals: WaitSignals, features = new Float32Array(FEATURE_COUNT)): Float32Array => {
  for (let n = 0; n < FEATURE_COUNT; n += 1) features[n] = Math.max(-LIMIT, Math.min(LIMIT, FEATURES[n]![1](signals)));
  return features;
};
