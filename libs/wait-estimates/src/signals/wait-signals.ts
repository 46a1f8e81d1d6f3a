/**
 * What is known at the instant a (hypothetical) contact joins a queue; nothing from later. Durations in seconds. Rates
 * are given as fading counts: `answers120` is the answers of about the last two minutes, each counting by
 * exp(-age / 120 s).
 */
export interface WaitSignals {
  /** Contacts of this queue ahead. */
  readonly waiting: number;
  /** How long the one at the head has waited (HOL); 0 when nobody does. */
  readonly headWait: number;
  /** Wait of whoever was answered last (LES); 0 before the first. */
  readonly lastWait: number;
  /** Age of that answer, at most an hour. */
  readonly sinceLastAnswer: number;
  /** Mean wait of about the last ten answered; over about two and five minutes. */
  readonly recentWait: number;
  readonly meanWait120: number;
  readonly meanWait300: number;
  readonly arrivals60: number;
  readonly arrivals300: number;
  readonly answers30: number;
  readonly answers120: number;
  readonly answers600: number;
  /** Share of the recently answered that waited at most a second. */
  readonly unqueuedShare: number;
  /** Mean queue length that recent arrivals found. */
  readonly found: number;
  /** Mean time a contact takes an agent, as it was lately. */
  readonly handle: number;
  /** Mean patience; Infinity while nobody hangs up. */
  readonly patience: number;
  /** (waiting + 1) over the rate of answers of the last two minutes, ten minutes, and both. */
  readonly waitAtRecentRate: number;
  readonly waitAtSlowRate: number;
  readonly waitAtMixedRate: number;
  /** Eligible agents that talk; the same with each counted by the share of this queue in his work. */
  readonly busy: number;
  readonly busyShare: number;
  /** Eligible agents that are free, as the source tells them. */
  readonly free: number;
  /** Agents busy, free or released lately, each counted by the share of this queue in his work. */
  readonly staffShare: number;
  readonly newlyBusy60: number;
  /** Eligible agents that are free, or were released lately and not heard of since, fading. */
  readonly released30: number;
  readonly released300: number;
  readonly released1800: number;
  readonly releases60: number;
  /** Queue length over service rate (QL), with agents by share of work, and over the pool. */
  readonly waitByStaff: number;
  readonly waitByPool: number;
  /** Queues that share agents: contacts waiting, the same by share of agents, and so on. */
  readonly othersWaiting: number;
  readonly othersLoad: number;
  readonly othersHeadWait: number;
  readonly othersLongest: number;
  readonly othersAnswers: number;
  readonly othersLastWait: number;
  /** Share of this queue's agents' work that goes to other queues, 0..1. */
  readonly shared: number;
  /** The whole site. */
  readonly siteWaiting: number;
  readonly siteHeadWait: number;
  readonly siteLastWait: number;
  readonly siteSinceLastAnswer: number;
  readonly siteRecentWait: number;
  readonly siteArrivals60: number;
  readonly siteArrivals300: number;
  readonly siteAnswers30: number;
  readonly siteAnswers120: number;
  readonly siteAnswers600: number;
  readonly siteUnqueuedShare: number;
  readonly siteBusy: number;
  readonly siteReleased: number;
  readonly siteReleases60: number;
  readonly siteSeen: number;
  readonly siteWaitByStaff: number;
  readonly siteWaitAtFastRate: number;
  readonly siteWaitAtRecentRate: number;
  /** Agents busy now, and contacts waiting now, against the average of the last five minutes. */
  readonly busyTrend: number;
  readonly waitingTrend: number;
  /** For how long somebody has been waiting on the site without a break; at most two hours. */
  readonly queueingFor: number;
  readonly sinceOpening: number;
  /** Null when not told. */
  readonly toClosing: number | null;
  /** Age of the last change of an agent's presence; null when the source tells none. */
  readonly sinceAgentChange: number | null;
}
