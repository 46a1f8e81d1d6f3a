/** `4s`, `3 min`, `2 h`, in the largest whole unit, as the locale writes it. */
export const shortAge = (milliseconds: number, locale: string): string => {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const unit = seconds < 60 ? 'second' : seconds < 3600 ? 'minute' : 'hour';
  const value = seconds < 60 ? seconds : Math.floor(seconds / (seconds < 3600 ? 60 : 3600));
  return new Intl.NumberFormat(locale, { style: 'unit', unit, unitDisplay: 'narrow' }).format(value);
};
