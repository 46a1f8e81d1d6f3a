import cliProgress from 'cli-progress';

/** A progress bar on standard error with the rate and the time left; plain lines where there is no terminal. */
export class ImportProgress {
  readonly #bar = new cliProgress.SingleBar({
    format: '{bar} {percentage} % | {value} of {total} events | {rate} events/s | {eta_formatted} left',
    stream: process.stderr,
    noTTYOutput: true,
    notTTYSchedule: 5000,
    hideCursor: true,
    etaBuffer: 50,
  });
  #began: { readonly at: number; readonly taken: number } | null = null;

  constructor(private readonly now: () => number) {}

  show(taken: number, total: number): void {
    const rate = this.#rate(taken);
    if (this.#began) this.#bar.update(taken, { rate });
    else {
      this.#began = { at: this.now(), taken };
      this.#bar.start(total, taken, { rate });
    }
  }

  stop(): void {
    if (this.#began) this.#bar.stop();
  }

  /** Events per second since the start of this run, without those that were taken before. */
  #rate(taken: number): string {
    if (!this.#began) return '0';
    const seconds = Math.max(0.001, (this.now() - this.#began.at) / 1000);
    return Math.round((taken - this.#began.taken) / seconds).toLocaleString('en');
  }
}
