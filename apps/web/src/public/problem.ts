import type { PageProblem } from '@queuecast/live';
import { fragment, type Html } from './html.js';

/** What is wrong with what was sent. What concerns one field stands beside that field too. */
export const problemBox = ({ title, detail, fields }: PageProblem): Html => {
  const isTold = Object.values(fields).includes(detail);
  return fragment`<div class="problem" role="alert"><strong>${title}</strong>${!isTold && fragment`<p>${detail}</p>`}</div>`;
};
