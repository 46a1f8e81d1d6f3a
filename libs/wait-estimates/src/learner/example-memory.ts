import type { Chance } from './chance.js';
import { FEATURE_COUNT } from './features.js';

/** What became of somebody who joined, with the features of that instant. */
export interface Example {
  readonly features: Float32Array;
  readonly queue: number;
  /** Seconds waited; of a contact that left without an answer, what it would have waited at least. */
  readonly wait: number;
  readonly censored: boolean;
}

const CAPACITY = 30_000;
const FIRST_CAPACITY = 1_024;
/** Once full, this share of new examples takes the place of a random one: those kept are 120,000 old on average. */
const KEPT = 0.25;
/** Features are within -4..4; an eighth of a percent of that is finer than they are worth. */
const SCALE = 127 / 4;

/**
 * A sample of past examples, older ones fewer, in about two megabytes: learning goes over them again and again, so that
 * one busy week does not unlearn what the month taught. A byte per feature.
 */
export class ExampleMemory {
  private features = new Int8Array(FIRST_CAPACITY * FEATURE_COUNT);
  private queues = new Uint32Array(FIRST_CAPACITY);
  private waits = new Float32Array(FIRST_CAPACITY);
  private censored = new Uint8Array(FIRST_CAPACITY);
  private count = 0;

  get size(): number {
    return this.count;
  }

  keep(example: Example, chance: Chance): void {
    let place = this.count;
    if (place === CAPACITY) {
      if (chance.next() >= KEPT) return;
      place = chance.below(CAPACITY);
    } else {
      this.count += 1;
      if (place === this.waits.length) this.grow();
    }
    const offset = place * FEATURE_COUNT;
    for (let n = 0; n < FEATURE_COUNT; n += 1) this.features[offset + n] = Math.round(example.features[n]! * SCALE);
    this.queues[place] = example.queue;
    this.waits[place] = example.wait;
    this.censored[place] = example.censored ? 1 : 0;
  }

  /** The example at `place`; its features are written to `features`. */
  recall(place: number, features: Float64Array): Omit<Example, 'features'> {
    const offset = place * FEATURE_COUNT;
    for (let n = 0; n < FEATURE_COUNT; n += 1) features[n] = this.features[offset + n]! / SCALE;
    return { queue: this.queues[place]!, wait: this.waits[place]!, censored: this.censored[place] === 1 };
  }

  private grow(): void {
    const length = Math.min(CAPACITY, 2 * this.waits.length);
    this.features = extended(this.features, new Int8Array(length * FEATURE_COUNT));
    this.queues = extended(this.queues, new Uint32Array(length));
    this.waits = extended(this.waits, new Float32Array(length));
    this.censored = extended(this.censored, new Uint8Array(length));
  }
}

const extended = <Typed extends Int8Array | Uint8Array | Uint32Array | Float32Array>(from: Typed, to: Typed): Typed => {
  to.set(from);
  return to;
};
