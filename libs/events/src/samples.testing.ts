import type { EventType } from './data.js';
import type { CloudEvent } from './envelope.js';
import { instant } from './ids.js';

/** The receiver's clock in the specs. */
export const NOW = instant(Date.UTC(2026, 2, 1, 9, 30));

/** Data with every field given, by type. */
export const fullData: { readonly [Type in EventType]: Record<string, unknown> } = {
  'acd.contact.started': { channel: 'voice', direction: 'inbound', entryPoint: '+3280012345', callerKey: 'k-1f3a' },
  'acd.contact.menu_completed': { choice: '2' },
  'acd.contact.queued': { queue: 'sales', leg: '1', priority: 10, skills: ['fr'], internal: false },
  'acd.contact.offered': { leg: '1', agent: 'anna' },
  'acd.contact.declined': { leg: '1', agent: 'anna', reason: 'no_answer' },
  'acd.contact.answered': { leg: '1', agent: 'anna' },
  'acd.contact.held': { leg: '1', agent: 'anna' },
  'acd.contact.resumed': { leg: '1', agent: 'anna' },
  'acd.contact.transferred': { leg: '1', toQueue: 'billing', toAgent: 'bert', mode: 'consulted' },
  'acd.contact.left_queue': { leg: '1', reason: 'abandoned' },
  'acd.contact.ended': { by: 'customer', reason: 'hung up' },
  'acd.contact.wrapped_up': { leg: '1', agent: 'anna', disposition: 'order', resolved: true },
  'acd.contact.suspected': { leg: '1', queue: 'sales', reason: 'overtaken', lastHeardAt: '2026-03-01T09:00:00Z' },
  'acd.contact.reinstated': { by: 'wallboard' },
  'acd.contact.presumed_gone': { reason: 'silent', lastHeardAt: '2026-03-01T09:00:00Z', by: 'queuecast' },
  'acd.agent.state_changed': { state: 'available', reason: 'back', queues: ['sales', 'billing'] },
  'acd.callback.promised': {
    callback: 'cb1',
    leg: '1',
    queue: 'sales',
    dueAt: '2026-03-01T11:00:00+01:00',
    channel: 'voice',
    profile: 'custom',
    window: { from: '2026-03-01T10:00:00+01:00', to: '2026-03-01T11:00:00+01:00' },
    number: `v1.k1.${'n'.repeat(16)}.${'c'.repeat(38)}`,
    callerKey: 'k-1f3a',
    language: 'nl-BE',
    consent: { language: 'nl', version: '2026-01' },
    origin: 'place',
    place: { queuedAt: '2026-03-01T10:20:00+01:00', priority: 10, position: 4 },
    request: 'r-1',
  },
  'acd.callback.moved': {
    callback: 'cb1',
    dueAt: '2026-03-01T12:00:00+01:00',
    window: { from: '2026-03-01T11:00:00+01:00', to: '2026-03-01T12:00:00+01:00' },
  },
  'acd.callback.attempted': { callback: 'cb1', leg: '1', outcome: 'busy', agent: 'anna' },
  'acd.callback.kept': { callback: 'cb1', leg: '1', agent: 'anna' },
  'acd.callback.cancelled': { callback: 'cb1', leg: '1', reason: 'called again', by: 'customer' },
  'acd.callback.delivery_attempted': {
    callback: 'cb1',
    delivery: 'cb1-promised-1',
    attempt: 1,
    retryAt: '2026-03-01T10:00:00Z',
  },
  'acd.callback.delivered': { callback: 'cb1', delivery: 'cb1-promised-1' },
  'acd.queue.notice_posted': {
    queue: 'sales',
    notice: 'n1',
    text: { en: 'Busy' },
    severity: 'warning',
    until: '2026-03-01T11:00:00Z',
  },
  'acd.queue.notice_cleared': { queue: 'sales', notice: 'n1' },
  'acd.queue.opened': { queue: 'sales', until: '2026-03-01T20:00:00Z' },
  'acd.queue.closed': { queue: 'sales', reason: 'storm', until: '2026-03-02T08:00:00Z' },
  'acd.queue.watch_set': {
    watch: 'w1',
    queue: 'sales',
    underMinutes: 5,
    url: 'https://hooks.example.org/waits',
    expiresAt: '2026-03-01T22:00:00Z',
  },
  'acd.queue.watch_cleared': { watch: 'w1' },
  'acd.queue.watch_attempted': {
    watch: 'w1',
    attempt: 1,
    retryAt: '2026-03-01T10:00:00Z',
    wait: { lowMs: 60_000, highMs: 240_000, at: '2026-03-01T09:59:58Z' },
  },
  'acd.queue.watch_delivered': { watch: 'w1' },
  'acd.survey.answered': { score: 8, scale: 10, leg: '1' },
  'acd.source.heartbeat': {},
  'acd.source.gap': { from: '2026-03-01T09:00:00Z', to: '2026-03-01T09:05:00Z' },
  'acd.source.restarted': {},
  'acd.source.snapshot': {
    waiting: [{ contact: 'c1', leg: '1', queue: 'sales', queuedAt: '2026-03-01T09:29:00Z' }],
    agents: [{ agent: 'anna', state: 'busy', queues: ['sales'] }],
  },
};

/** A valid event of a type. */
export const eventOf = (type: string, data: unknown): CloudEvent => ({
  specversion: '1.0',
  id: `${type}-1`,
  source: 'pbx/one',
  type,
  time: '2026-03-01T10:29:59.123+01:00',
  subject: 'c1',
  tenant: 'acme',
  site: 'main',
  data,
});
