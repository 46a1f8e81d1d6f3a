/** `If-None-Match` as RFC 9110 compares it: weakly, any of a list, or `*`. */
export const matches = (header: string | undefined, etag: string): boolean =>
  header !== undefined &&
  header
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''))
    .some((tag) => tag === '*' || tag === etag);
