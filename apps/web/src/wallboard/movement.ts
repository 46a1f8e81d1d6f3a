import { useLayoutEffect, useRef } from 'preact/hooks';

const still = matchMedia('(prefers-reduced-motion: reduce)');
const DURATION_MS = 600;

/**
 * Lets tiles glide to their new places when the order changes, so that the eye can follow: measures where they were and
 * are (First, Last, Invert, Play).
 */
export const useMovement = (area: { readonly current: HTMLElement | null }, order: readonly string[]): void => {
  const places = useRef(new Map<string, DOMRect>());
  const key = order.join('\n');
  const shownKey = useRef(key);
  useLayoutEffect(() => {
    const tiles = [...(area.current?.querySelectorAll<HTMLElement>('[data-queue]') ?? [])];
    const now = new Map(tiles.map((tile) => [tile.dataset['queue'] ?? '', tile.getBoundingClientRect()]));
    if (shownKey.current !== key && !still.matches)
      for (const tile of tiles) {
        const before = places.current.get(tile.dataset['queue'] ?? '');
        const after = now.get(tile.dataset['queue'] ?? '');
        if (!before || !after || (before.x === after.x && before.y === after.y)) continue;
        const from = `translate(${before.x - after.x}px, ${before.y - after.y}px)`;
        tile.animate({ transform: [from, 'none'] }, { duration: DURATION_MS, easing: 'cubic-bezier(.2, .7, .2, 1)' });
      }
    shownKey.current = key;
    places.current = now;
  });
};
