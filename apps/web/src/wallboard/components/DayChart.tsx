import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { colour, themedAxis } from '../chart-theme.js';
import { useWallboard } from '../context.js';
import { theme } from '../display.js';
import { percent, wallTime } from '../figures.js';
import { loadDay, type DayHistory } from '../history.js';
import { useLoaded } from '../loaded.js';

const HEIGHT_PX = 260;

const stepped = uPlot.paths.stepped?.({ align: 1 });

/** The browser's own day, for a queue that has no business day yet because the store has not answered. */
const startOfDay = (now: number): number => new Date(now).setHours(0, 0, 0, 0);

const optionsFor = (
  width: number,
  { words }: ReturnType<typeof useWallboard>,
  timeZone: string,
  target: number,
): uPlot.Options => {
  const { say, locale } = words;
  const axis = themedAxis();
  const count = (name: string, value: string, opacity: number): uPlot.Series => ({
    label: name,
    value: (_, amount) => (amount === null ? '–' : String(amount)),
    stroke: colour(value),
    width: 1.5,
    points: { show: false },
    ...(opacity > 0 ? { fill: colour(value, opacity) } : {}),
    ...(stepped ? { paths: stepped } : {}),
  });
  return {
    width,
    height: HEIGHT_PX,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), timeZone),
    scales: { level: { range: [0, 1] } },
    axes: [
      { ...axis, values: (_, ticks) => ticks.map((tick) => wallTime(tick * 1000, locale, timeZone).slice(0, 5)) },
      axis,
      {
        ...axis,
        scale: 'level',
        side: 1,
        grid: { show: false },
        values: (_, ticks) => ticks.map((tick) => percent(tick, locale)),
      },
    ],
    series: [
      {
        label: say('since'),
        value: (_, at) => (at === null ? '–' : wallTime(at * 1000, locale, timeZone).slice(0, 5)),
      },
      count(say('offered'), 'chart-offered', 0.16),
      count(say('answered'), 'chart-answered', 0),
      count(say('abandoned'), 'chart-abandoned', 0.3),
      {
        label: say('serviceLevel'),
        scale: 'level',
        stroke: colour('chart-level'),
        width: 2,
        points: { show: false },
        value: (_, share) => (share === null ? '–' : percent(share, locale)),
      },
    ],
    hooks: {
      draw: [
        (chart) => {
          const y = Math.round(chart.valToPos(target, 'level', true));
          chart.ctx.save();
          chart.ctx.strokeStyle = colour('chart-level');
          chart.ctx.setLineDash([4, 6]);
          chart.ctx.beginPath();
          chart.ctx.moveTo(chart.bbox.left, y);
          chart.ctx.lineTo(chart.bbox.left + chart.bbox.width, y);
          chart.ctx.stroke();
          chart.ctx.restore();
        },
      ],
    },
  };
};

/** A step needs an end: the running quarter is drawn up to now. */
const chartData = (day: DayHistory, now: number): uPlot.AlignedData => {
  const toNow = (counts: DayHistory['offered']): (number | null)[] => [...counts, counts.at(-1) ?? null];
  return [
    [...day.starts, Math.max(now / 1000, day.starts.at(-1) ?? 0)],
    toNow(day.offered),
    toNow(day.answered),
    toNow(day.abandoned),
    [...day.serviceLevel, null],
  ];
};

/** Today by quarter of an hour: offered, answered and abandoned, with the service level against its target. */
export const DayChart = ({ queue, from }: { readonly queue: string; readonly from: number | null }) => {
  const wallboard = useWallboard();
  const { board, words } = wallboard;
  const info = board.infos.value.get(queue);
  const place = useRef<HTMLDivElement>(null);
  const loaded = useLoaded(() => {
    const now = board.now.peek();
    return loadDay(queue, from ?? startOfDay(now), now);
  }, [queue, from]);
  const day = loaded && 'result' in loaded ? loaded.result : null;
  const shade = theme();
  useEffect(() => {
    const target = place.current;
    if (!target || !day || !info) return undefined;
    const data = chartData(day, board.now.peek());
    const chart = new uPlot(optionsFor(target.clientWidth, wallboard, info.timeZone, info.target), data, target);
    const observer = new ResizeObserver(() => chart.setSize({ width: target.clientWidth, height: HEIGHT_PX }));
    observer.observe(target);
    return () => {
      observer.disconnect();
      chart.destroy();
    };
  }, [day, shade]);
  if (loaded && 'problem' in loaded)
    return <p class="chart-message">{words.say('chartFailed', { reason: loaded.problem })}</p>;
  if (!day) return <p class="chart-message">{words.say('chartLoading')}</p>;
  if (day.starts.length === 0) return <p class="chart-message">{words.say('chartEmpty')}</p>;
  return <div class="chart" ref={place} />;
};
