import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Board } from './board.js';
import type { Replay } from './replay.js';
import type { WallboardWords } from './words.js';

export interface Wallboard {
  /** What is on screen: the live board, or one of the past. */
  readonly board: Board;
  readonly replay: Replay;
  readonly words: WallboardWords;
  /** Opens the details of a queue; null closes them. */
  readonly show: (queue: string | null) => void;
}

export const WallboardContext = createContext<Wallboard | null>(null);

export const useWallboard = (): Wallboard => {
  const wallboard = useContext(WallboardContext);
  if (!wallboard) throw new Error('a wallboard component needs a WallboardContext above it');
  return wallboard;
};
