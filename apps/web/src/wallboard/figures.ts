const two = (value: number): string => String(value).padStart(2, '0');

/** `4:32`, `1:04:32`; a negative duration (clocks that disagree by a moment) is `0:00`. */
export const stopwatch = (milliseconds: number): string => {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const minutes = Math.floor(seconds / 60) % 60;
  const hours = Math.floor(seconds / 3600);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
};

/** `21 s`, `-4 s`: whole seconds, as the locale writes the unit. */
export const seconds = (milliseconds: number, locale: string): string =>
  // Plus zero: nothing is minus nothing.
  new Intl.NumberFormat(locale, { style: 'unit', unit: 'second', unitDisplay: 'narrow' }).format(
    Math.round(milliseconds / 1000) + 0,
  );

/** A whole percentage, rounded down so that a queue never shows its target before it has met it. */
export const percent = (share: number, locale: string): string =>
  new Intl.NumberFormat(locale, { style: 'percent' }).format(Math.floor(share * 100 + 1e-9) / 100);

/** `14:05:10`, always on 24 hours: shifts and logs are written that way. */
export const wallTime = (at: number, locale: string, timeZone?: string): string =>
  new Intl.DateTimeFormat(locale, {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(at);

/** `14:00`, in the reader's own zone. */
export const hourTime = (at: number, locale: string): string =>
  new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(at);

/** `2 Mar, 14:05`, in the reader's own zone. */
export const dayTime = (at: number, locale: string): string =>
  new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  }).format(at);

/** How many times as many: `3.4`, from ten on whole. */
export const ratioText = (ratio: number, locale: string): string =>
  new Intl.NumberFormat(locale, { maximumFractionDigits: ratio < 10 ? 1 : 0 }).format(ratio);

/** `Mon 08:00`, in the queue's zone. */
export const weekdayTime = (at: number, locale: string, timeZone: string): string =>
  new Intl.DateTimeFormat(locale, {
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone,
  }).format(at);
