import type { PostedNotice, QueueFrame } from '@queuecast/live';
import { WALLBOARD_LANGUAGES, wallboardWords } from './words.js';

export type Severity = PostedNotice['severity'];

/** From the mildest to the gravest. */
export const SEVERITIES: readonly Severity[] = ['info', 'warning', 'critical'];
/** Longest text in one language; the server holds everybody to it. */
export const MOST_CHARACTERS = 280;

/** One notice, and the queues that show it. */
export interface ShownNotice extends PostedNotice {
  readonly queues: readonly string[];
}

/** Notices over all queues, the latest posted first, without those that have ended. */
export const shownNotices = (frames: readonly Pick<QueueFrame, 'queue' | 'notices'>[], now: number): ShownNotice[] => {
  const byId = new Map<string, ShownNotice>();
  for (const { queue, notices } of frames)
    for (const notice of notices) {
      if (notice.until !== null && notice.until <= now) continue;
      const known = byId.get(notice.id);
      const queues = [...(known?.queues ?? []), queue];
      // A change reaches its queues one after the other: the newer word counts.
      byId.set(notice.id, { ...(known && known.postedAt > notice.postedAt ? known : notice), queues });
    }
  return [...byId.values()].sort((a, b) => b.postedAt - a.postedAt || (a.id < b.id ? -1 : 1));
};

/** A surge of which customers have not been told yet: nothing was posted on its queue since it began. */
export const untoldSurge = ({ surge, notices }: Pick<QueueFrame, 'surge' | 'notices'>): QueueFrame['surge'] =>
  surge && notices.every(({ postedAt }) => postedAt < surge.since) ? surge : null;

/** What a supervisor is about to publish. */
export interface Draft {
  /** Null for a new notice. */
  readonly id: string | null;
  readonly severity: Severity;
  readonly queues: readonly string[];
  readonly text: Readonly<Record<string, string>>;
  /** When a notice that is being changed ends; null for one that lasts until it is cleared, or is new. */
  readonly until: number | null;
}

export const emptyDraft = (queues: readonly string[]): Draft => ({
  id: null,
  severity: 'info',
  queues,
  text: {},
  until: null,
});

export const draftOf = ({ id, severity, queues, text, until }: ShownNotice): Draft => ({
  id,
  severity,
  queues,
  text,
  until,
});

/** What is suggested when far more contacts arrive than usual, in every language there is. */
export const surgeDraft = (queue: string): Draft => ({
  id: null,
  severity: 'warning',
  queues: [queue],
  text: Object.fromEntries(
    Object.keys(WALLBOARD_LANGUAGES).map((tag) => [tag, wallboardWords([tag]).say('surgeNotice')]),
  ),
  until: null,
});

const send = async (method: string, path: string, body?: object): Promise<void> => {
  const response = await fetch(`/v1/notices${path}`, {
    method,
    ...(body && { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  });
  if (response.ok) return;
  const problem = (await response.json().catch(() => ({}))) as { title?: string; detail?: string };
  throw new Error(problem.detail ?? problem.title ?? `HTTP ${response.status}`);
};

/**
 * Posts a draft, or changes the notice that it is of, with the session cookie.
 *
 * @param until when it ends, milliseconds since the epoch
 * @throws Error with what the server says, or the status, when it is refused
 */
export const publishNotice = ({ id, severity, queues, text }: Draft, until: number): Promise<void> => {
  const said = Object.fromEntries(Object.entries(text).filter(([, words]) => words.trim() !== ''));
  const body = { severity, queues, text: said, until: new Date(until).toISOString() };
  return id === null ? send('POST', '', body) : send('PUT', `/${encodeURIComponent(id)}`, body);
};

/** Takes a notice down everywhere. @throws Error as {@link publishNotice} */
export const clearNotice = (id: string): Promise<void> => send('DELETE', `/${encodeURIComponent(id)}`);
