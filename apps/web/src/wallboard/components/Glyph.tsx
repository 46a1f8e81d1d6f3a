import type { Level } from '../need.js';

/** A shape per level, so that no meaning rests on colour alone. */
const SHAPES: Readonly<Record<Level, string>> = {
  act: 'M8 1.2 15.4 14.4H.6Z',
  blind: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm0 2.4a4.6 4.6 0 1 1 0 9.2 4.6 4.6 0 0 1 0-9.2Z',
  watch: 'M8 .6 15.4 8 8 15.4.6 8Z',
  fine: 'M8 1.4a6.6 6.6 0 1 0 0 13.2A6.6 6.6 0 0 0 8 1.4Z',
  closed: 'M2 6.8h12v2.4H2Z',
};

export const Glyph = ({ level }: { readonly level: Level }) => (
  <svg class="glyph" viewBox="0 0 16 16" aria-hidden="true">
    <path d={SHAPES[level]} fill="currentColor" fill-rule="evenodd" />
  </svg>
);
