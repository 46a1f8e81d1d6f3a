import { ProblemException } from '@queuecast/http';
import type { PageProblem } from '@queuecast/live';

/** What went wrong with a form, for the page to show. Anything unexpected is thrown on. */
export const pageProblem = (error: unknown): PageProblem => {
  if (!(error instanceof ProblemException)) throw error;
  const { title, detail = '', errors = [] } = error.problem;
  const fields = errors.map(({ field = '', message }): [string, string] => [field.split('.')[0] ?? '', message]);
  const { reason } = error.problem as { readonly reason?: string };
  // The window that was chosen is not free any more, or never was.
  if (reason === 'window' || reason === 'full') fields.push(['window', detail]);
  if (reason === 'code_wrong' || reason === 'code_missing') fields.push(['code', detail]);
  return { title, detail, fields: Object.fromEntries(fields) };
};
