import { useWallboard } from '../context.js';
import type { Severity } from '../notices.js';

/** A shape and a word for each, so that no meaning rests on colour alone. */
const SHAPES: Readonly<Record<Severity, string>> = {
  info: 'M8 1a7 7 0 1 0 0 14A7 7 0 0 0 8 1Zm-.9 2.7h1.8v1.8H7.1Zm0 3.1h1.8v5.4H7.1Z',
  warning: 'M8 1 15.6 15H.4Zm-.9 4.8.2 4.6h1.4l.2-4.6Zm0 5.7v1.7h1.8v-1.7Z',
  critical: 'M5 .8h6L15.2 5v6L11 15.2H5L.8 11V5Zm2.1 3 .2 5.4h1.4l.2-5.4Zm0 6.6v1.8h1.8v-1.8Z',
};

interface SeverityMarkProps {
  readonly severity: Severity;
  /** The word in another language than the reader's. */
  readonly word?: string;
}

export const SeverityMark = ({ severity, word }: SeverityMarkProps) => {
  const { say } = useWallboard().words;
  return (
    <span class="severity" data-severity={severity}>
      <svg class="glyph" viewBox="0 0 16 16" aria-hidden="true">
        <path d={SHAPES[severity]} fill="currentColor" fill-rule="evenodd" />
      </svg>
      {word ?? say(`severity_${severity}`)}
    </span>
  );
};
