/**
 * A block of a network's parameters with what Adam keeps of each, and their running average, which is what estimates are
 * made from: it is far less noisy than the latest step (Polyak and Juditsky, "Acceleration of stochastic approximation by
 * averaging", SIAM J. Control and Optimization 30(4), 1992).
 */
export class Parameters {
  readonly values: Float64Array;
  readonly averages: Float64Array;
  readonly gradients: Float64Array;
  private readonly means: Float64Array;
  private readonly squares: Float64Array;

  constructor(
    readonly length: number,
    initial: (index: number) => number = () => 0,
  ) {
    this.values = Float64Array.from({ length }, (_, index) => initial(index));
    this.averages = this.values.slice();
    this.gradients = new Float64Array(length);
    this.means = new Float64Array(length);
    this.squares = new Float64Array(length);
  }

  /** One step along the gradients, which are cleared. */
  step({ rate, decay, meanCorrection, squareCorrection }: Step): void {
    const { values, gradients, means, squares } = this;
    for (let n = 0; n < this.length; n += 1) {
      const gradient = gradients[n]!;
      const mean = (means[n] = BETA_1 * means[n]! + (1 - BETA_1) * gradient);
      const square = (squares[n] = BETA_2 * squares[n]! + (1 - BETA_2) * gradient * gradient);
      const move = mean / meanCorrection / (Math.sqrt(square / squareCorrection) + EPSILON);
      values[n]! -= rate * (move + decay * values[n]!);
      gradients[n] = 0;
    }
  }

  /** Moves the averages by `share` towards the values. */
  average(share: number): void {
    const { values, averages } = this;
    for (let n = 0; n < this.length; n += 1) averages[n]! += share * (values[n]! - averages[n]!);
  }
}

const BETA_1 = 0.9;
const BETA_2 = 0.999;
const EPSILON = 1e-6;

/** What one step of Adam needs. Kingma and Ba, "Adam: a method for stochastic optimization", ICLR 2015. */
export interface Step {
  readonly rate: number;
  /** Weight decay apart from the gradient. Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019. */
  readonly decay: number;
  readonly meanCorrection: number;
  readonly squareCorrection: number;
}

/** The step number `count`, from 1. */
export const adamStep = (count: number, rate: number, decay: number): Step => ({
  rate,
  decay,
  meanCorrection: 1 - BETA_1 ** count,
  squareCorrection: 1 - BETA_2 ** count,
});
