import type { ImportSummary, Survey } from './import-recording.js';

const SHOWN = 20;

/** Bad rows with line and reason (the first twenty), and what the rows of the file are. */
export const surveyText = ({ rows, badRows, events }: Survey, file: string): string => {
  const { oddities } = rows;
  const total = rows.imported + rows.notSelected + rows.bad + rows.duplicates;
  const lines = badRows.slice(0, SHOWN).map(({ line, reason }) => `${file}:${line}: ${reason}`);
  if (badRows.length > SHOWN) lines.push(`... and ${badRows.length - SHOWN} bad rows more (--report lists all)`);
  lines.push(
    `${total} rows: ${rows.imported} to import (${events} events), ${rows.notSelected} not selected, ` +
      `${rows.duplicates} exact duplicates taken once, ${rows.bad} bad`,
  );
  const odd = [
    [oddities.agent_without_answer, 'name an agent but no answer: abandoned while ringing'],
    [oddities.no_hangup, 'have no hangup: their contact never ends'],
    [oddities.repeated_hour, 'fall into the repeated hour of autumn: the first pass is meant'],
    [rows.outOfOrder, 'stand after rows of a later day: given late'],
  ] as const;
  for (const [count, what] of odd) if (count > 0) lines.push(`  ${count} of them ${what}`);
  return `${lines.join('\n')}\n`;
};

/** How the import ended. */
export const summaryText = ({ taken, events, rejected, resumedFrom, complete }: ImportSummary): string => {
  const lines = rejected.slice(0, SHOWN).map(({ id, reason }) => `refused: ${id}: ${reason}`);
  if (rejected.length > 0) lines.push(`${rejected.length} events were refused`);
  const resumed = resumedFrom > 0 ? ` (${resumedFrom} of them by an earlier run)` : '';
  lines.push(
    complete
      ? `imported ${taken} events${resumed}`
      : `interrupted: ${taken} of ${events} events taken${resumed}; the same command goes on from here`,
  );
  return `${lines.join('\n')}\n`;
};
