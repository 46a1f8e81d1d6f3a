/**
 * A zone in which it is about noon when the tests begin: no day ends while they run, at whatever time of the day that is.
 * The names are those of POSIX, where the sign is the other way round.
 */
export const NOON_ZONE = ((): string => {
  const ahead = 12 - new Date().getUTCHours();
  return `Etc/GMT${ahead > 0 ? '-' : '+'}${Math.abs(ahead)}`;
})();
