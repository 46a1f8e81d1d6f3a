import { LogAwayError } from '@queuecast/event-log';
import { awayProblem } from '@queuecast/http';
import { StoreAwayError } from '@queuecast/store';

/** @throws ProblemException 503 while the log or the store that the work needs is away: nothing came of it */
export const unlessAway = async <Result>(work: () => Promise<Result>): Promise<Result> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StoreAwayError) throw awayProblem('the history store is away: ask again shortly');
    if (error instanceof LogAwayError) throw awayProblem('the log is away: nothing was taken, send it again shortly');
    throw error;
  }
};
