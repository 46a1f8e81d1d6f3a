/** Fractional parts of the roots of the first primes, in 32 bits (FIPS 180-4, 4.2.2 and 5.3.3). */
const fraction = (root: number): number => ((root - Math.floor(root)) * 2 ** 32) | 0;
const PRIMES: number[] = [];
for (let candidate = 2; PRIMES.length < 64; candidate += 1)
  if (PRIMES.every((prime) => candidate % prime !== 0)) PRIMES.push(candidate);
const ROUNDS = Int32Array.from(PRIMES, (prime) => fraction(Math.cbrt(prime)));
const START = Int32Array.from(PRIMES.slice(0, 8), (prime) => fraction(Math.sqrt(prime)));

const turned = (word: number, bits: number): number => (word >>> bits) | (word << (32 - bits));
const schedule = new Int32Array(64);

const block = (state: Int32Array, words: DataView, at: number): void => {
  for (let n = 0; n < 16; n += 1) schedule[n] = words.getInt32(at + n * 4);
  for (let n = 16; n < 64; n += 1) {
    const [early, late] = [schedule[n - 15]!, schedule[n - 2]!];
    const s0 = turned(early, 7) ^ turned(early, 18) ^ (early >>> 3);
    const s1 = turned(late, 17) ^ turned(late, 19) ^ (late >>> 10);
    schedule[n] = (schedule[n - 16]! + s0 + schedule[n - 7]! + s1) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state as unknown as [number, number, number, number, number, number, number, number];
  for (let n = 0; n < 64; n += 1) {
    const choice = (e & f) ^ (~e & g);
    const first = (h + (turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)) + choice + ROUNDS[n]! + schedule[n]!) | 0;
    const majority = (a & b) ^ (a & c) ^ (b & c);
    const second = ((turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)) + majority) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + first) | 0, c, b, a, (first + second) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((word, n) => (state[n] = (state[n]! + word) | 0));
};

/**
 * SHA-256 (FIPS 180-4) of ASCII text, as eight words. `crypto.subtle` needs a secure context, and a promise for each of
 * the many thousand digests of a puzzle.
 */
export const sha256 = (text: string): Int32Array => {
  const bytes = new Uint8Array((((text.length + 8) >> 6) + 1) << 6);
  for (let n = 0; n < text.length; n += 1) bytes[n] = text.charCodeAt(n);
  bytes[text.length] = 0x80;
  const words = new DataView(bytes.buffer);
  words.setUint32(bytes.length - 4, text.length * 8);
  const state = START.slice();
  for (let at = 0; at < bytes.length; at += 64) block(state, words, at);
  return state;
};

/** Zero bits at the beginning of a digest. */
export const leadingZeroBits = (digest: Int32Array): number => {
  let bits = 0;
  for (const word of digest) {
    if (word !== 0) return bits + Math.clz32(word);
    bits += 32;
  }
  return bits;
};
