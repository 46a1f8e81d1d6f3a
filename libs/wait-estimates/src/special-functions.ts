/**
 * ln Gamma(x) for x > 0: Stirling's series from 10 on, the recurrence below. Abramowitz and Stegun 6.1.41. Relative
 * error about 1e-14.
 */
export const logGamma = (x: number): number => {
  let shift = 1;
  let z = x;
  for (; z < 10; z += 1) shift *= z;
  const w = 1 / (z * z);
  const series = (1 / 12 - w * (1 / 360 - w * (1 / 1260 - w * (1 / 1680 - w / 1188)))) / z;
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series - Math.log(shift);
};

const EPSILON = 1e-15;
const TINY = 1e-300;

/** Continued fractions below take a number of steps that grows as the root of the parameters; this bounds them. */
const STEPS = 100_000;

/**
 * Regularised lower incomplete gamma function P(a, x), a > 0, x >= 0: series below a + 1, continued fraction above
 * (modified Lentz). Press et al., Numerical Recipes, 3rd ed., 6.2.
 */
export const gammaProbability = (a: number, x: number): number => {
  if (x <= 0) return 0;
  const front = Math.exp(a * Math.log(x) - x - logGamma(a));
  if (x < a + 1) {
    let term = 1 / a;
    let sum = term;
    for (let n = 1; n < STEPS && term > sum * EPSILON; n += 1) {
      term *= x / (a + n);
      sum += term;
    }
    return Math.min(1, front * sum);
  }
  let b = x + 1 - a;
  let c = 1 / TINY;
  let d = 1 / b;
  let h = d;
  for (let n = 1; n < STEPS; n += 1) {
    const an = n * (a - n);
    b += 2;
    d = 1 / nonZero(an * d + b);
    c = nonZero(b + an / c);
    h *= d * c;
    if (Math.abs(d * c - 1) < EPSILON) break;
  }
  return Math.max(0, 1 - front * h);
};

/**
 * Regularised incomplete beta function I_x(a, b), a and b > 0, by its continued fraction (modified Lentz). Press et
 * al., Numerical Recipes, 3rd ed., 6.4.
 *
 * @param logRest ln(1 - x), which keeps its digits when x is close to 0 and when it is close to 1
 */
export const betaProbability = (a: number, b: number, logRest: number): number => {
  if (logRest >= 0) return 0;
  const x = -Math.expm1(logRest);
  const rest = Math.exp(logRest);
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * logRest);
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(a, b, x)) / a : 1 - (front * betaFraction(b, a, rest)) / b;
};

const betaFraction = (a: number, b: number, x: number): number => {
  let c = 1;
  let d = 1 / nonZero(1 - ((a + b) * x) / (a + 1));
  let h = d;
  for (let n = 1; n < STEPS; n += 1) {
    const even = (n * (b - n) * x) / ((a + 2 * n - 1) * (a + 2 * n));
    d = 1 / nonZero(1 + even * d);
    c = nonZero(1 + even / c);
    h *= d * c;
    const odd = (-(a + n) * (a + b + n) * x) / ((a + 2 * n) * (a + 2 * n + 1));
    d = 1 / nonZero(1 + odd * d);
    c = nonZero(1 + odd / c);
    h *= d * c;
    if (Math.abs(d * c - 1) < EPSILON) break;
  }
  return h;
};

const nonZero = (value: number): number => (Math.abs(value) < TINY ? TINY : value);

/**
 * Quantile of the standard normal distribution, absolute error below 4.5e-4: a start for an iteration, not a result.
 * Abramowitz and Stegun 26.2.23.
 */
export const roughNormalQuantile = (share: number): number => {
  const t = Math.sqrt(-2 * Math.log(Math.min(share, 1 - share)));
  const z = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  return share < 0.5 ? -z : z;
};
