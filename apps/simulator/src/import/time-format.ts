import type { ZoneClock } from '../local-time.js';
import { MappingError } from './mapping.js';

/** A time read from a cell: the instants it can mean (two in the repeated hour of autumn), or why it cannot be read. */
export type ReadTime =
  | { readonly kind: 'time'; readonly instants: readonly number[] }
  | { readonly kind: 'unreadable'; readonly reason: string };

export type TimeReader = (text: string) => ReadTime;

const FIELDS = ['yyyy', 'MM', 'dd', 'HH', 'mm', 'ss', 'SSS'] as const;
type Field = (typeof FIELDS)[number];

const unreadable = (reason: string): ReadTime => ({ kind: 'unreadable', reason });

const epochReader =
  (unit: number): TimeReader =>
  (text) => {
    const value = /^-?\d+(\.\d+)?$/.test(text) ? Math.round(Number(text) * unit) : Number.NaN;
    return Number.isSafeInteger(value)
      ? { kind: 'time', instants: [value] }
      : unreadable(`"${text}" is not a number of ${unit === 1 ? 'milliseconds' : 'seconds'} since 1970`);
  };

const isoReader: TimeReader = (text) => {
  const value = /(Z|[+-]\d{2}:?\d{2})$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(value)
    ? unreadable(`"${text}" is not an ISO 8601 time with a zone`)
    : { kind: 'time', instants: [value] };
};

/** A pattern as an expression whose groups are its fields. Throws {@link MappingError} for a pattern without a date. */
const compile = (format: string): { readonly expression: RegExp; readonly fields: readonly Field[] } => {
  const fields: Field[] = [];
  let expression = '';
  for (let rest = format; rest.length > 0;) {
    const field = FIELDS.find((each) => rest.startsWith(each));
    if (field) {
      fields.push(field);
      expression += `(\\d{${field.length}})`;
      rest = rest.slice(field.length);
    } else {
      expression += rest[0]?.replace(/[.*+?^${}()|[\]\\/]/, '\\$&') ?? '';
      rest = rest.slice(1);
    }
  }
  const missing = (['yyyy', 'MM', 'dd', 'HH', 'mm'] as const).filter((field) => !fields.includes(field));
  if (missing.length > 0)
    throw new MappingError(
      `timeFormat: "${format}" lacks ${missing.join(', ')}; write it like yyyy-MM-dd HH:mm:ss, or iso, epoch_seconds, epoch_milliseconds`,
    );
  return { expression: new RegExp(`^${expression}$`), fields };
};

/**
 * Makes the function that reads the times of a file.
 *
 * @param format `iso`, `epoch_seconds`, `epoch_milliseconds`, or a pattern of yyyy MM dd HH mm ss SSS in the clock's zone
 * @throws {@link MappingError} for a pattern that does not say the minute
 */
export const timeReader = (format: string, zone: ZoneClock): TimeReader => {
  if (format === 'iso') return isoReader;
  if (format === 'epoch_seconds') return epochReader(1000);
  if (format === 'epoch_milliseconds') return epochReader(1);
  const { expression, fields } = compile(format);
  return (text) => {
    const match = expression.exec(text);
    if (!match) return unreadable(`"${text}" does not read like ${format}`);
    const value = (field: Field): number => {
      const index = fields.indexOf(field);
      return index < 0 ? 0 : Number(match[index + 1]);
    };
    const [year, month, day] = [value('yyyy'), value('MM'), value('dd')];
    const [hour, minute, second] = [value('HH'), value('mm'), value('ss')];
    const wall = Date.UTC(year, month - 1, day, hour, minute, second, value('SSS'));
    const read = new Date(wall);
    // Date.UTC carries 31 April over into May: what comes back differs from what was written.
    if (read.getUTCMonth() !== month - 1 || read.getUTCDate() !== day || hour > 23 || minute > 59 || second > 59)
      return unreadable(`"${text}" is no date and time of the calendar`);
    const instants = zone.instantsOf(wall);
    return instants.length === 0
      ? unreadable(`"${text}" does not exist in ${zone.zone}: the clocks were put forward over it`)
      : { kind: 'time', instants };
  };
};
