const SEED = 0x9747b28c | 0;
const M = 0x5bd1e995;

/**
 * murmur2 as Apache Kafka's Java client computes it (org.apache.kafka.common.utils.Utils.murmur2), as a signed 32-bit
 * integer. Written with `Math.imul`: the one inside kafkajs goes through arbitrary-precision integers.
 */
export const murmur2 = (data: Uint8Array): number => {
  const length = data.length;
  let hash = SEED ^ length;
  const whole = length & ~3;
  for (let i = 0; i < whole; i += 4) {
    let k = (data[i] ?? 0) | ((data[i + 1] ?? 0) << 8) | ((data[i + 2] ?? 0) << 16) | ((data[i + 3] ?? 0) << 24);
    k = Math.imul(k, M);
    k ^= k >>> 24;
    k = Math.imul(k, M);
    hash = Math.imul(hash, M) ^ k;
  }
  const rest = length - whole;
  if (rest === 3) hash ^= (data[whole + 2] ?? 0) << 16;
  if (rest >= 2) hash ^= (data[whole + 1] ?? 0) << 8;
  if (rest >= 1) hash = Math.imul(hash ^ (data[whole] ?? 0), M);
  hash ^= hash >>> 13;
  hash = Math.imul(hash, M);
  return hash ^ (hash >>> 15);
};

/** The partition of a key, 0 to `partitions - 1`: the same as Kafka's default partitioner gives in any language. */
export const partitionFor = (key: string, partitions: number): number =>
  (murmur2(Buffer.from(key)) & 0x7fffffff) % partitions;
