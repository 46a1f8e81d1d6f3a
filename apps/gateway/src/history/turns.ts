import { ReportsBusyError } from '@queuecast/store';

/** So many at a time, and a bounded number that wait for their turn. */
export class Turns {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly width: number,
    private readonly queue: number,
  ) {}

  /** @throws ReportsBusyError when too many wait already */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.running < this.width) this.running += 1;
    else {
      if (this.waiting.length >= this.queue)
        throw new ReportsBusyError(`${this.waiting.length} look back already: try again later`);
      // The place is handed over, so that nobody who comes in between can take it.
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }
}
