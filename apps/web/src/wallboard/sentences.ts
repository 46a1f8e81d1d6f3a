import type { Estimate, QueueFrame, QueueInfo, ReplayedFrame, Staffing } from '@queuecast/live';
import { shortAge } from '../language/age.js';
import { ratioText, stopwatch, wallTime } from './figures.js';
import type { Level, Need, NeedReason } from './need.js';
import type { Trust } from './trust.js';
import type { WallboardKey, WallboardWords } from './words.js';

const LEVELS: Readonly<Record<Exclude<Level, 'closed'>, WallboardKey>> = {
  act: 'levelAct',
  blind: 'levelBlind',
  watch: 'levelWatch',
  fine: 'levelFine',
};

export const levelWord = (level: Level, { say }: WallboardWords): string =>
  say(level === 'closed' ? 'closedQueues' : LEVELS[level]);

const reasonPhrase = (
  reason: NeedReason,
  info: QueueInfo,
  { say, locale }: WallboardWords,
  frame: Pick<QueueFrame, 'surge' | 'callbacks'> | null,
): string => {
  const time = stopwatch(info.thresholdMs);
  switch (reason) {
    case 'unstaffed':
      return say('reasonUnstaffed');
    case 'closedWaiting':
      return say('reasonClosedWaiting');
    case 'surge':
      return say('reasonSurge', { ratio: ratioText(frame?.surge?.ratio ?? 0, locale) });
    case 'overdue':
      return say('reasonOverdue', { time });
    case 'silent':
      return say('noneSOURCE_SILENT');
    case 'noAgents':
      return say('reasonNoAgents');
    case 'belowTarget':
      return say('reasonBelowTarget');
    case 'estimate':
      return say('reasonEstimate', { time });
    case 'almostOverdue':
      return say('reasonAlmostOverdue', { time });
    case 'callbacksOverdue':
      return say('callbacksOverdue', { count: frame?.callbacks?.overdue ?? 0 });
    case 'callbacksDueSoon':
      return say('callbacksDueSoon', { count: frame?.callbacks?.dueSoon ?? 0 });
  }
};

/** Why a queue needs attention, the gravest reason first. */
export const needPhrases = (
  need: Need,
  info: QueueInfo,
  words: WallboardWords,
  frame: Pick<QueueFrame, 'surge' | 'callbacks'> | null,
): string[] => need.reasons.map((reason) => reasonPhrase(reason, info, words, frame));

/** The wait of a new caller: `8–12 min`, or why there is no estimate. */
export const estimatePhrase = (estimate: Estimate | null, { say }: WallboardWords): string => {
  if (estimate === null) return say('estimateNotKept');
  if (estimate.kind === 'abstention') return say(`none${estimate.reason}`);
  const low = Math.floor(estimate.lowMs / 60_000);
  const high = Math.max(1, Math.ceil(estimate.highMs / 60_000));
  if (low === 0) return say('minutesUnder', { count: high });
  return low === high ? say('minutesAbout', { count: low }) : say('minutes', { low, high });
};

const FIVE_MINUTES = 300_000;

/** `14:30`, of five minutes and by the queue's clock: to the minute nobody knows. */
const soon = (at: number, info: QueueInfo, locale: string): string =>
  wallTime(Math.ceil(at / FIVE_MINUTES) * FIVE_MINUTES, locale, info.timeZone).slice(0, 5);

/** `2 more agents would bring this queue to target by 14:30`. */
export const staffingPhrase = ({ more, by }: Staffing, info: QueueInfo, { say, locale }: WallboardWords): string => {
  if (more === 0) return by === null ? say('staffingEnough') : say('staffingSoon', { time: soon(by, info, locale) });
  if (by === null) return say('staffingNow', { count: more });
  return say('staffingBy', { count: more, time: soon(by, info, locale) });
};

/** What a staffing figure was worked out from. */
export const staffingFrom = ({ from }: Staffing, { say, locale }: WallboardWords): string => {
  const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  return say('staffingFrom', {
    arrivals: number.format(from.arrivalsPerHour),
    handle: stopwatch(from.handleMs),
    agents: number.format(from.agents),
    waiting: number.format(from.waiting),
  });
};

/** How fresh a tile's figures are, or why they are not. */
export const trustPhrase = (trust: Trust, frame: ReplayedFrame | null, now: number, words: WallboardWords): string => {
  const { say, locale } = words;
  const at = (since: number | null): string => (since === null ? '' : wallTime(since, locale));
  const age = (since: number): string => shortAge(now - since, locale);
  const lastEventAt = frame?.source.lastEventAt ?? null;
  switch (trust.kind) {
    case 'connectionLost':
    case 'processorSilent':
      return say(trust.kind, { time: at(trust.since) });
    case 'silent':
      return trust.since === null ? say('silentAlways') : say('silent', { time: at(trust.since) });
    case 'noFrame':
      return say('noFrame');
    case 'quiet':
      return lastEventAt === null ? say('quietNoEvent') : say('quiet', { age: age(lastEventAt) });
    case 'live':
      return say('lastEvent', { age: age(lastEventAt ?? frame?.at ?? now) });
  }
};
