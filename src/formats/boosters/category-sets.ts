// Sets of categories as bits, end to end, as the forest op has them.
import { trimaranError } from "../../base/errors.ts";

/** 64 MiB of bits, shared by all splits of a model; a category of 2^24 alone takes 2 MiB. */
const maxWords = 1 << 24;

export interface CategorySets {
  readonly offsets: Int32Array;
  readonly words: Uint32Array;
}

export interface CategorySetBuilder {
  /** Numbers of categories → the set's number. @throws MODEL_TREE */
  add(categories: ArrayLike<number>, path: string): number;
  /** Bits as they stand → the set's number. */
  addWords(words: ArrayLike<number>): number;
  finish(): CategorySets;
}

export function categorySetBuilder(name: string): CategorySetBuilder {
  const sets: Uint32Array[] = [];
  let total = 0;
  const push = (words: Uint32Array): number => {
    total += words.length;
    return sets.push(words) - 1;
  };
  const reserve = (words: number): void => {
    if (total + words <= maxWords) return;
    const problem = "sets of categories";
    throw trimaranError("FORMAT_LIMIT", { name, limit: "maxCategoryWords", max: maxWords, problem });
  };
  return {
    add(categories, path) {
      let largest = -1;
      for (let at = 0; at < categories.length; at++) {
        const category = categories[at] as number;
        if (!Number.isInteger(category) || category < 0 || category >= maxWords) {
          throw trimaranError("MODEL_TREE", { path, problem: `a category up to ${maxWords} was expected` });
        }
        largest = Math.max(largest, category);
      }
      const length = largest < 0 ? 0 : (largest >>> 5) + 1;
      reserve(length);
      const words = new Uint32Array(length);
      for (let at = 0; at < categories.length; at++) {
        const category = categories[at] as number;
        words[category >>> 5] = (words[category >>> 5] as number) | (1 << (category & 31));
      }
      return push(words);
    },
    addWords(words) {
      reserve(words.length);
      return push(Uint32Array.from(words));
    },
    finish() {
      const offsets = new Int32Array(sets.length + 1);
      const words = new Uint32Array(total);
      for (const [index, set] of sets.entries()) {
        words.set(set, offsets[index]);
        offsets[index + 1] = (offsets[index] as number) + set.length;
      }
      return { offsets, words };
    },
  };
}
