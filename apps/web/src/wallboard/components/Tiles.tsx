import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { pickText } from '../../language/words.js';
import { useWallboard } from '../context.js';
import { tv } from '../display.js';
import { weekdayTime } from '../figures.js';
import { useMovement } from '../movement.js';
import { tvGrid, type TvGrid } from '../tv-grid.js';
import { Tile } from './Tile.js';

const TV_GAP_PX = 16;
/**
 * Smallest type in TV mode, as a share of the screen's height: on a screen 70 cm high the large figures are then 2 cm
 * high, which is read at 5 m.
 */
const LEAST_TV_EM = 0.0115;

/** The size of an element's content box, kept up to date. */
const useRoom = (element: { readonly current: HTMLElement | null }): { width: number; height: number } => {
  const [room, setRoom] = useState({ width: 0, height: 0 });
  useLayoutEffect(() => {
    if (!element.current) return undefined;
    const observer = new ResizeObserver(([entry]) => {
      if (entry) setRoom({ width: entry.contentRect.width, height: entry.contentRect.height });
    });
    observer.observe(element.current);
    return () => observer.disconnect();
  }, []);
  return room;
};

const gridStyle = ({ columns, rows, emPx }: TvGrid): Record<string, string> => ({
  gridTemplateColumns: `repeat(${columns}, minmax(0, 1fr))`,
  gridTemplateRows: `repeat(${rows}, minmax(0, 1fr))`,
  gap: `${TV_GAP_PX}px`,
  fontSize: `${emPx}px`,
});

const Closed = ({ queues }: { readonly queues: readonly string[] }) => {
  const { board, words, show } = useWallboard();
  if (queues.length === 0) return null;
  return (
    <section class="closed" aria-label={words.say('closedQueues')}>
      <h2>{words.say('closedQueues')}</h2>
      <ul>
        {queues.map((queue) => {
          const info = board.infos.value.get(queue);
          const until = board.frame(queue).value?.opening.until ?? null;
          if (!info) return null;
          return (
            <li key={queue}>
              <button type="button" aria-haspopup="dialog" onClick={() => show(queue)}>
                <span>{pickText(info.name, words.language, queue)}</span>
                {until !== null && (
                  <span class="closed-until">
                    {words.say('opens', { time: weekdayTime(until, words.locale, info.timeZone) })}
                  </span>
                )}
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
};

/** Every open queue as a tile in the order of need; closed ones as a calm line below. */
export const Tiles = () => {
  const { board, words } = useWallboard();
  const area = useRef<HTMLDivElement>(null);
  const room = useRoom(area);
  const order = board.order.value;
  const closed = order.filter((queue) => board.needs.value.get(queue)?.level === 'closed');
  const open = order.filter((queue) => !closed.includes(queue));
  const grid =
    tv.value && room.width > 0
      ? tvGrid(open.length, room.width, room.height, TV_GAP_PX, Math.max(9, innerHeight * LEAST_TV_EM))
      : null;
  const shown = grid ? open.slice(0, grid.shown) : open;
  useMovement(area, shown);
  return (
    <main class="board">
      <div class="tiles-area" ref={area}>
        <div class="tiles" data-tall={grid?.tall ? '' : undefined} {...(grid ? { style: gridStyle(grid) } : {})}>
          {shown.map((queue) => (
            <Tile key={queue} queue={queue} />
          ))}
        </div>
      </div>
      {shown.length < open.length && (
        <p class="more">{words.say('moreQueues', { count: open.length - shown.length })}</p>
      )}
      <Closed queues={closed} />
    </main>
  );
};
