import css from './element.css?inline';
import { callbackAddress } from './addresses.js';
import { feedOf, type Feed, type QueueState } from './feed.js';
import { VARIANTS, View, type Variant } from './view.js';
import { publicWords, type PublicWords } from './words.js';

const sheet = new CSSStyleSheet();
sheet.replaceSync(css);

/** Where the script came from: the gateway, unless the `server` attribute says otherwise. */
const scriptServer = ((): string => {
  const script =
    document.currentScript ??
    document.querySelector<HTMLScriptElement>('script[src*="/element/"][src$="queue-wait.js"]');
  const source = script instanceof HTMLScriptElement ? script.src : '';
  return source ? source.replace(/element\/(?:[^/]+\/)?[^/]*$/, '') : new URL('/', location.href).href;
})();

/**
 * `<queue-wait tenant="acme" queue="support">`: the wait of one public queue, for any web page. Its attributes, parts,
 * properties and events are described in `docs/element.md`.
 */
export class QueueWait extends HTMLElement {
  static readonly observedAttributes = ['tenant', 'queue', 'server', 'lang', 'variant'];
  readonly #internals = this.attachInternals();
  #view: View | undefined;
  #words: PublicWords = publicWords([]);
  #feed: Feed | undefined;
  #unfollow: (() => void) | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** What was shown last; while paused, what stays. */
  #state: QueueState | undefined;
  #pausedAt: number | null = null;

  connectedCallback(): void {
    if (!this.#view) {
      const root = this.attachShadow({ mode: 'open' });
      root.adoptedStyleSheets = [sheet];
      this.#view = new View({ expanded: this.#expand, pause: this.#togglePause, callback: this.#askForCallback });
      root.append(this.#view.root);
    }
    document.addEventListener('visibilitychange', this.#tick);
    this.#restart();
  }

  disconnectedCallback(): void {
    document.removeEventListener('visibilitychange', this.#tick);
    this.#stop();
  }

  attributeChangedCallback(): void {
    if (this.isConnected && this.#view) this.#restart();
  }

  /** Lets a page lay out around an element that has grown: `queue-wait:state(expanded)`. */
  readonly #expand = (open: boolean): void => {
    if (open) this.#internals.states.add('expanded');
    else this.#internals.states.delete('expanded');
  };

  /** A page with a form of its own prevents the link from being followed. */
  readonly #askForCallback = (event: Event): void => {
    const { tenant, queue } = this.#names();
    const detail = { tenant, queue };
    const asked = new CustomEvent('queue-wait-callback', { bubbles: true, composed: true, cancelable: true, detail });
    if (!this.dispatchEvent(asked)) event.preventDefault();
  };

  readonly #togglePause = (): void => {
    if (this.#pausedAt !== null) return this.#restart();
    this.#unfollow?.();
    this.#unfollow = undefined;
    this.#pausedAt = this.#feed?.clock.now() ?? Date.now();
    this.#render();
  };

  #stop(): void {
    clearInterval(this.#timer);
    this.#unfollow?.();
    this.#unfollow = undefined;
    this.#pausedAt = null;
  }

  #restart(): void {
    this.#stop();
    const variant = this.getAttribute('variant') as Variant | null;
    if (this.#view) this.#view.variant = variant && VARIANTS.includes(variant) ? variant : 'card';
    this.#words = publicWords(this.#wantedLanguages());
    const { tenant, queue } = this.#names();
    if (!tenant || !queue) return this.#view?.showMessage(this.#words.say('noQueue'), this.#words);
    const feed = feedOf(this.#server(), tenant);
    if (feed !== this.#feed) this.#state = undefined;
    this.#feed = feed;
    this.#unfollow = this.#feed.follow(queue, this.#render);
    this.#feed.handOver(this.querySelector('script[type="application/json"]')?.textContent ?? '');
    this.#timer = setInterval(this.#tick, 1000);
    this.#render();
  }

  #names(): { tenant: string | null; queue: string | null } {
    return { tenant: this.getAttribute('tenant'), queue: this.getAttribute('queue') };
  }

  #server(): string {
    const server = this.getAttribute('server');
    return server ? new URL(server, location.href).href : scriptServer;
  }

  #wantedLanguages(): string[] {
    const named = [
      this.getAttribute('lang'),
      new URLSearchParams(location.search).get('lang'),
      this.parentElement?.closest('[lang]')?.getAttribute('lang'),
    ];
    return [...named.filter((tag) => typeof tag === 'string' && tag !== ''), ...navigator.languages] as string[];
  }

  /** While paused, and until something newer has arrived after it, what was shown stays. */
  #stateOf(feed: Feed, queue: string): QueueState {
    const shown = this.#state;
    if (shown?.queue && this.#pausedAt !== null) return shown;
    const state = feed.state(queue);
    const isKnown = state.queue !== null || state.unknown;
    return isKnown || shown?.queue?.queue !== queue ? state : { ...state, queue: shown.queue };
  }

  readonly #tick = (): void => {
    if (!document.hidden) this.#render();
  };

  readonly #render = (): void => {
    const { tenant, queue } = this.#names();
    if (!tenant || !queue || !this.#view || !this.#feed) return;
    const before = this.#state?.queue;
    const state = this.#stateOf(this.#feed, queue);
    this.#state = state;
    if (!state.queue) {
      const message = state.unknown ? 'notFound' : state.lostSince === null ? 'loading' : 'unreachable';
      return this.#view.showMessage(this.#words.say(message), this.#words);
    }
    this.#view.show({
      state,
      words: this.#words,
      now: this.#feed.clock.now(),
      pausedAt: this.#pausedAt,
      ownZone: ownZone(),
      callbackAddress: callbackAddress(this.#server(), tenant, queue, this.#words.language),
    });
    if (state.queue !== before)
      this.dispatchEvent(
        new CustomEvent('queue-wait-change', { bubbles: true, composed: true, detail: structuredClone(state.queue) }),
      );
  };
}

/** The visitor's time zone. */
const ownZone = (): string => new Intl.DateTimeFormat().resolvedOptions().timeZone;
