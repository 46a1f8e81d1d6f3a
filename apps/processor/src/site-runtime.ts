import { SiteCallbacks } from '@queuecast/callbacks';
import { SiteFold, type FoldConflict, type SpellFact } from '@queuecast/contact-center';
import {
  instant,
  isOwnSource,
  isOwnType,
  parseEvent,
  partitionKey,
  type AcdEvent,
  type Instant,
  type QueueId,
} from '@queuecast/events';
import { QueueBoard, SiteWatches, SourceWatch, type Patience } from '@queuecast/live';
import type { EstimatorState, PastLeg, QueueWindow, SiteKey, SiteRecovery, SuspicionEvidence } from '@queuecast/store';
import { SiteGhosts, type GhostPorts } from './site-ghosts.js';
import { seedOf, SiteEstimates } from './site-estimates.js';
import { OBSERVED_MS, SiteStaffing } from './site-staffing.js';
import { SiteSurges } from './site-surges.js';

/** Everything the present needs to know of one site, in the memory of the one processor that owns its partition. */
export class SiteRuntime {
  readonly fold: SiteFold;
  readonly callbacks: SiteCallbacks;
  readonly board = new QueueBoard();
  readonly watches = new SiteWatches();
  readonly estimates: SiteEstimates;
  readonly staffing: SiteStaffing;
  readonly source: SourceWatch;
  readonly ghosts: SiteGhosts;
  readonly surges: SiteSurges;
  /** Today's figures by queue, as read from the intervals after the last flush that touched them; `from`: the day's begin. */
  readonly today = new Map<QueueId, QueueWindow & { readonly from: Instant }>();
  /** Log offset up to which events are folded. */
  offset = -1;
  /** Version up to which events are known: those folded here, and those in the facts that a restart began with. */
  version = 0;
  /** What of that is in the facts and the intervals, and in today's figures; null before these were read. */
  writtenVersion = 0;
  figuresVersion: number | null = null;
  /** When a position of this site was recorded last, by whoever had it before. */
  shownUntil: Instant | null = null;

  constructor(
    readonly key: SiteKey,
    readonly partition: number,
    patience: Patience,
    ghosts: GhostPorts,
  ) {
    this.fold = new SiteFold(key.tenant, key.site);
    this.estimates = new SiteEstimates(
      seedOf(partitionKey(key)),
      (queue, at) => this.board.openingOf(queue, ghosts.settingsOf(queue), at),
      (queue, at) => this.board.openedAt(queue, ghosts.settingsOf(queue), at),
    );
    this.callbacks = new SiteCallbacks(key.tenant, key.site);
    this.source = new SourceWatch(patience);
    this.ghosts = new SiteGhosts(key, this.fold, patience.silentMs, ghosts);
    this.surges = new SiteSurges(ghosts.settingsOf);
    this.staffing = new SiteStaffing((queue, now) => this.surges.growthOf(queue, now));
    this.follow();
    this.fold.live.onSuspicion((queue, key, suspected) => this.estimates.suspicion(queue, key, suspected));
  }

  /**
   * @param learnt what the estimates wrote down before; null if they never did
   * @param recent the legs that were queued in the last two hours before the latest event
   * @returns false when the estimates could not take up what they wrote down before
   */
  restore(
    recovery: SiteRecovery,
    evidence: SuspicionEvidence,
    learnt: EstimatorState | null,
    recent: readonly PastLeg[] = [],
  ): boolean {
    for (const archived of recovery.siteEvents) {
      const parsed = parseEvent(JSON.parse(archived.body), archived.appendedAt);
      if (parsed.kind !== 'event') continue;
      this.board.apply(parsed.event);
      this.watches.apply(parsed.event);
      this.ghosts.restoreAnnounced(parsed.event);
      this.fold.restoreSiteEvent(parsed.event, archived.version);
    }
    this.fold.onLegChanged(() => undefined);
    const agents: SpellFact[] = [];
    this.fold.onAgentChanged((spell) => agents.push(spell));
    this.fold.restore(recovery);
    this.follow();
    this.surges.restore(this.fold.openLegs());
    const { latest, version } = recovery;
    // After the snapshot, which may be older than the facts.
    const isTakenUp = this.estimates.restore({ open: this.fold.openLegs(), agents, latest, version }, learnt);
    for (const spell of agents) this.staffing.agentChanged(spell);
    if (latest !== null) this.staffing.restore(recent, instant(latest - OBSERVED_MS));
    this.callbacks.restore(recovery.callbacks);
    for (const queue of this.callbacks.queues()) this.fold.live.touch(queue);
    this.source.restore(recovery.latest);
    this.ghosts.restore(evidence);
    this.version = recovery.version ?? 0;
    this.writtenVersion = this.version;
    this.shownUntil = recovery.shownUntil;
    return isTakenUp;
  }

  private follow(): void {
    this.fold.onLegChanged((before, after, at) => {
      this.estimates.learn(before, after, at);
      this.staffing.legChanged(before, after, at);
      this.surges.learn(before, after);
    });
    this.fold.onAgentChanged((spell) => {
      this.estimates.agentChanged(spell);
      this.staffing.agentChanged(spell);
    });
  }

  apply(event: AcdEvent, version: number, offset: number, arrived: Instant): FoldConflict | null {
    this.offset = offset;
    if (version > this.version) this.version = version;
    // What the product says itself does not tell that the ACD is alive.
    if (!isOwnType(event.type) && !isOwnSource(event.source)) this.source.heard(event, arrived);
    const promise = this.callbacks.apply(event, version);
    if (promise?.queue) this.fold.live.touch(promise.queue);
    const announced = this.board.apply(event);
    if (announced) this.fold.live.touch(announced);
    const conflict = this.fold.apply(event, version);
    if (!conflict) this.ghosts.folded(event, version);
    return conflict;
  }
}
