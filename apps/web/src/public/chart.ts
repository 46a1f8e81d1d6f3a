import { fragment, type Html } from './html.js';
import type { OutlookDay, OutlookDays } from './outlook-days.js';

/** A column of the drawing for each hour; the drawing is stretched to the room there is, the labels are text beside it. */
const COLUMN = 10;
const HEIGHT = 100;
/** A band of no width must still be seen. */
const LEAST = 3;

/** Where the scale ends: a round number, of which the half is one too, and at least the highest bound. */
export const topOf = (mostMinutes: number): number =>
  [4, 6, 8, 10, 12, 16, 20, 24, 30, 40, 50, 60, 80, 100, 120, 180, 240].find((top) => top >= mostMinutes) ??
  Math.ceil(mostMinutes / 120) * 120;

/** Bars from the lower to the upper bound of each hour, as one path. */
const barsOf = ({ hours }: OutlookDay, firstHour: number, top: number): string =>
  hours
    .map(({ hour, wait }) => {
      if (wait.kind === 'none') return '';
      const scale = HEIGHT / top;
      const height = Math.max((wait.highMinutes - wait.lowMinutes) * scale, LEAST);
      const y = Math.max(0, HEIGHT - wait.lowMinutes * scale - height);
      return `M${(hour - firstHour) * COLUMN + 1} ${y.toFixed(1)}h${COLUMN - 2}v${height.toFixed(1)}h${2 - COLUMN}z`;
    })
    .join('');

/** Hours that have passed, or in which it is closed: nothing can be expected of them. */
const gapsOf = ({ hours }: OutlookDay, firstHour: number, lastHour: number): string =>
  Array.from({ length: lastHour - firstHour + 1 }, (_, n) => {
    const known = hours.find(({ hour }) => hour === firstHour + n);
    const isGap = !known || (known.wait.kind === 'none' && known.wait.reason === 'CLOSED');
    return isGap ? `M${n * COLUMN} 0h${COLUMN}v${HEIGHT}h-${COLUMN}z` : '';
  }).join('');

/** One day as a drawing that says nothing which the table does not. */
export const dayChart = (day: OutlookDay, { firstHour, lastHour, mostMinutes }: OutlookDays): Html => {
  const width = (lastHour - firstHour + 1) * COLUMN;
  return fragment`<svg class="bars" viewBox="0 0 ${width} ${HEIGHT}" preserveAspectRatio="none" aria-hidden="true">\
<path class="gap" d="${gapsOf(day, firstHour, lastHour)}"/>\
<path class="half" d="M0 ${HEIGHT / 2}h${width}"/>\
<path class="band" d="${barsOf(day, firstHour, topOf(mostMinutes))}"/></svg>`;
};
