/** Whether the last few promises were kept: "right 8 of the last 10". */
export class RecentPromises {
  private readonly kept: boolean[] = [];

  constructor(private readonly remembered = 10) {}

  add(kept: boolean): void {
    this.kept.push(kept);
    if (this.kept.length > this.remembered) this.kept.shift();
  }

  get right(): number {
    return this.kept.filter(Boolean).length;
  }

  /** At most what is remembered; fewer at first. */
  get of(): number {
    return this.kept.length;
  }
}
