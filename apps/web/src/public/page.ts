import type { PublicTenant } from '@queuecast/live';
import { byTag, wordsFor, type Dictionary } from '../language/words.js';
import type english from './languages/en.json';
import './page.css';

type Key = keyof (typeof english)['messages'];
const LANGUAGES = byTag(import.meta.glob<Dictionary<Key>>('./languages/*.json', { eager: true, import: 'default' }));
const RETRY_SECONDS = 10;

const query = new URLSearchParams(location.search);
const asked = query.get('lang');
const words = wordsFor([...(asked ? [asked] : []), ...navigator.languages], LANGUAGES);
const { say } = words;

const byId = (id: string): HTMLElement => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page has no #${id}`);
  return found;
};
const main = byId('tenants');

const link = (text: string, parameters: Readonly<Record<string, string | null>>): HTMLAnchorElement => {
  const to = new URLSearchParams(location.search);
  for (const [name, value] of Object.entries(parameters)) {
    if (value === null) to.delete(name);
    else to.set(name, value);
  }
  return Object.assign(document.createElement('a'), { href: `?${to.toString()}`, textContent: text });
};

const showMessage = (text: string, ...more: readonly Node[]): void => {
  const message = Object.assign(document.createElement('p'), { className: 'message', textContent: text });
  message.append(...more);
  main.replaceChildren(message);
};

const showLanguages = (): void => {
  document.documentElement.lang = words.locale;
  document.documentElement.dir = words.direction;
  const nav = byId('languages');
  nav.setAttribute('aria-label', say('languages'));
  nav.replaceChildren(
    ...Object.entries(LANGUAGES).map(([tag, { name }]) => {
      const to = link(name, { lang: tag });
      to.lang = to.hreflang = tag;
      if (tag === words.language) to.setAttribute('aria-current', 'true');
      return to;
    }),
  );
  byId('promise').textContent = say('promise');
};

const setTitle = (title: string): void => {
  byId('title').textContent = document.title = title;
};

const sectionOf = ({ tenant, name, queues }: PublicTenant, alone: boolean): HTMLElement => {
  const section = document.createElement('section');
  if (!alone) {
    const heading = document.createElement('h2');
    heading.append(link(name, { tenant }));
    section.append(heading);
  }
  const list = document.createElement('div');
  list.className = 'queues';
  list.append(
    ...queues.map(({ queue }) => {
      const wait = document.createElement('queue-wait');
      wait.setAttribute('tenant', tenant);
      wait.setAttribute('queue', queue);
      return wait;
    }),
  );
  section.append(list);
  return section;
};

const getJson = async <Answer>(path: string): Promise<Answer> => {
  const response = await fetch(path, { cache: 'no-cache' });
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return (await response.json()) as Answer;
};

const show = async (): Promise<void> => {
  const only = query.get('tenant');
  const known = await getJson<{ tenant: string; name: string }[]>('public/v1/tenants.json');
  const wanted = known.filter(({ tenant }) => only === null || tenant === only);
  if (only !== null && wanted.length === 0) {
    showMessage(`${say('noTenant', { name: only })} `, link(say('showAll'), { tenant: null }));
    return;
  }
  const all = await Promise.all(
    wanted.map(({ tenant }) => getJson<PublicTenant>(`public/v1/${encodeURIComponent(tenant)}/queues.json`)),
  );
  const tenants = all.filter(({ queues }) => queues.length > 0);
  const [first] = tenants;
  if (!first) return showMessage(say('noQueues'));
  const alone = tenants.length === 1;
  setTitle(alone ? say('titleOf', { name: first.name }) : say('title'));
  main.replaceChildren(...tenants.map((tenant) => sectionOf(tenant, alone)));
};

const start = (): void => {
  show().catch(() => {
    showMessage(say('failed', { count: RETRY_SECONDS }));
    setTimeout(start, RETRY_SECONDS * 1000);
  });
};

setTitle(say('title'));
showLanguages();
showMessage(say('loading'));
start();
