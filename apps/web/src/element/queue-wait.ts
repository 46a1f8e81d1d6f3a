import css from './element.css?inline';
import { feedOf } from './feed.js';
import { View } from './view.js';
import { publicWords, type PublicWords } from './words.js';

const sheet = new CSSStyleSheet();
sheet.replaceSync(css);

/** Where the script came from: the gateway, unless the `server` attribute says otherwise. */
const scriptServer = ((): string => {
  const script =
    document.currentScript ?? document.querySelector<HTMLScriptElement>('script[src*="/element/queue-wait.js"]');
  const source = script instanceof HTMLScriptElement ? script.src : '';
  return source ? new URL('..', source).href : new URL('/', location.href).href;
})();

/**
 * `<queue-wait tenant="acme" queue="support">`: the wait of one public queue, for any web page. Attributes: `tenant`,
 * `queue`, `server` (origin of the gateway; the script's own if absent) and `lang`.
 */
export class QueueWait extends HTMLElement {
  static readonly observedAttributes = ['tenant', 'queue', 'server', 'lang'];
  readonly #internals = this.attachInternals();
  #view: View | undefined;
  #words: PublicWords = publicWords([]);
  #unfollow: (() => void) | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  connectedCallback(): void {
    if (!this.#view) {
      const root = this.attachShadow({ mode: 'open' });
      root.adoptedStyleSheets = [sheet];
      this.#view = new View((open) => this.#expand(open));
      root.append(this.#view.root);
    }
    document.addEventListener('visibilitychange', this.#tick);
    this.#restart();
  }

  disconnectedCallback(): void {
    document.removeEventListener('visibilitychange', this.#tick);
    clearInterval(this.#timer);
    this.#unfollow?.();
    this.#unfollow = undefined;
  }

  attributeChangedCallback(): void {
    if (this.isConnected && this.#view) this.#restart();
  }

  /** Lets a page lay out around an element that has grown: `queue-wait:state(expanded)`. */
  #expand(open: boolean): void {
    if (open) this.#internals.states.add('expanded');
    else this.#internals.states.delete('expanded');
  }

  #restart(): void {
    clearInterval(this.#timer);
    this.#unfollow?.();
    this.#unfollow = undefined;
    this.#words = publicWords(this.#wantedLanguages());
    const { tenant, queue } = this.#names();
    if (!tenant || !queue) return this.#view?.showMessage(this.#words.say('noQueue'), this.#words);
    this.#unfollow = feedOf(this.#server(), tenant).follow(queue, this.#render);
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

  readonly #tick = (): void => {
    if (!document.hidden) this.#render();
  };

  readonly #render = (): void => {
    const { tenant, queue } = this.#names();
    if (!tenant || !queue || !this.#view) return;
    const feed = feedOf(this.#server(), tenant);
    const state = feed.state(queue);
    if (state.queue) return this.#view.show(state, this.#words, feed.clock.now());
    const message = state.unknown ? 'notFound' : state.lostSince === null ? 'loading' : 'unreachable';
    this.#view.showMessage(this.#words.say(message), this.#words);
  };
}
