import type uPlot from 'uplot';

/** A canvas cannot read custom properties, so each colour is resolved by the browser first. `opacity` is 0..1. */
export const colour = (name: string, opacity = 1): string => {
  const probe = document.createElement('span');
  probe.style.color = `color-mix(in srgb, var(--${name}) ${opacity * 100}%, transparent)`;
  document.body.append(probe);
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return resolved;
};

/** An axis in the colours of the theme. */
export const themedAxis = (): uPlot.Axis => {
  const grid = { stroke: colour('line'), width: 1 };
  return { stroke: colour('text-muted'), grid, ticks: grid, font: '12px "Inter Variable", sans-serif' };
};
