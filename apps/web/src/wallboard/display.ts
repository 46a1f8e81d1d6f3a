import { effect, signal } from '@preact/signals';

export type Theme = 'light' | 'dark';

const THEME_KEY = 'queuecast.theme';
const preferred = matchMedia('(prefers-color-scheme: dark)');
const stored = localStorage.getItem(THEME_KEY);

const chosen = signal<Theme | null>(stored === 'light' || stored === 'dark' ? stored : null);
const system = signal<Theme>(preferred.matches ? 'dark' : 'light');
preferred.addEventListener('change', ({ matches }) => (system.value = matches ? 'dark' : 'light'));

/** The theme on screen: the viewer's choice, or the system's. */
export const theme = (): Theme => chosen.value ?? system.value;

export const toggleTheme = (): void => {
  chosen.value = theme() === 'dark' ? 'light' : 'dark';
  localStorage.setItem(THEME_KEY, chosen.value);
};

effect(() => {
  if (chosen.value) document.documentElement.dataset['theme'] = chosen.value;
});

/** Fills the screen with tiles and leaves out what cannot be read across a room. `?tv` starts with it. */
export const tv = signal(new URLSearchParams(location.search).has('tv'));

effect(() => {
  document.documentElement.toggleAttribute('data-tv', tv.value);
});

/** Keeps a television from going to sleep; refused by some browsers and while hidden, and then simply not had. */
const stayAwake = (): void => {
  if (tv.value && !document.hidden && 'wakeLock' in navigator) navigator.wakeLock.request('screen').catch(() => {});
};
effect(stayAwake);
document.addEventListener('visibilitychange', stayAwake);
document.addEventListener('fullscreenchange', () => {
  if (!document.fullscreenElement) tv.value = false;
});

/** Full screen needs the viewer's own click, and may be refused; the layout changes all the same. */
export const enterTv = (): void => {
  tv.value = true;
  document.documentElement.requestFullscreen?.().catch(() => {});
};

export const leaveTv = (): void => {
  tv.value = false;
  if (document.fullscreenElement) void document.exitFullscreen();
};
