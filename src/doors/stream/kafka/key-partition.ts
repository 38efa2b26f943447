// The partition of a record by its key, as Kafka's own clients choose it: murmur2 over the key's bytes, in 32-bit arithmetic.
// Source: Austin Appleby's MurmurHash2 (public domain), with the seed that Kafka gives it.
import type { ICustomPartitioner } from "kafkajs";

const seed = 0x9747b28c;
const mixer = 0x5bd1e995;

/** A signed 32-bit integer. */
export function murmur2(key: Uint8Array): number {
  const { length } = key;
  const whole = length & ~3;
  let hash = seed ^ length;
  for (let at = 0; at < whole; at += 4) {
    let part = key[at]! | (key[at + 1]! << 8) | (key[at + 2]! << 16) | (key[at + 3]! << 24);
    part = Math.imul(part, mixer);
    part = Math.imul(part ^ (part >>> 24), mixer);
    hash = Math.imul(hash, mixer) ^ part;
  }
  if (length > whole) {
    for (let at = length - 1; at >= whole; at--) hash ^= key[at]! << (8 * (at - whole));
    hash = Math.imul(hash, mixer);
  }
  hash = Math.imul(hash ^ (hash >>> 13), mixer);
  return hash ^ (hash >>> 15);
}

/** kafkajs's own, which reckons keys in BigInt, for everything but keys. */
export function keyPartitioner(own: ICustomPartitioner): ICustomPartitioner {
  return () => {
    const partition = own();
    return (choice) => {
      const { message, partitionMetadata } = choice;
      if (typeof message.partition === "number" || !Buffer.isBuffer(message.key)) return partition(choice);
      return (murmur2(message.key) & 0x7fffffff) % partitionMetadata.length;
    };
  };
}
