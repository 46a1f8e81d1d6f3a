import { WEEKDAYS } from '@queuecast/contact-center';
import type { CatalogQueue } from '@queuecast/settings';

const DAYS = 60;
const MOST = 5;
const DAY_MS = 86_400_000;

/** The dates of the coming two months on which a queue is closed though it is open on other such weekdays. */
export const comingHolidays = ({ hours, holidays, timeZone }: CatalogQueue, now: number): string[] => {
  const today = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' }).format(now);
  const last = new Date(Date.parse(today) + DAYS * DAY_MS).toISOString().slice(0, 10);
  const isOpenOtherwise = (date: string): boolean => {
    const weekday = WEEKDAYS[(new Date(date).getUTCDay() + 6) % 7]!;
    return hours === 'always' || hours[weekday].length > 0;
  };
  return [...new Set(holidays)]
    .filter((date) => date >= today && date <= last && isOpenOtherwise(date))
    .sort()
    .slice(0, MOST);
};
