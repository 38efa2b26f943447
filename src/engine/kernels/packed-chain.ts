// A second packing of a forest whose splits mostly ask whether an indicator (a one-hot column) is set. A run of up to eight
// such questions, all answered "not set" on the way down, and the one split on a number that may follow are one block, a
// cache line, answered at once:
//
//   block = u16 indicator[8] (0xffff: none), f32 bound, u32 number × 4, u32 exit[10]                        64 bytes
//   exit  = the first of the eight that the row has set, else 8 when the bound's comparison is false (as it is for NaN,
//           where no number is asked), else 9
//   an exit below 2^31 is a block's address; otherwise the lower 31 bits are a leaf's
//   the sink at address 0 has no indicator and only exits 0, so a lane that has arrived idles there
//
//   row   = f32 number[numbers] up to a multiple of 16 bytes, then for each indicator that is set u16[8] of its number,
//           the rest of them 0xfffe
//   table = as in packed-forest.ts; `trips` and `leaves` are not read
//
// A row qualifies when each indicator's value is <= 0 or >= 1, no column occurs twice, and at most `maxHits` are set.

export interface PackedChain {
  readonly tableAt: number;
  /** Of each packed column: its number among the indicators or the numbers. */
  readonly place: Int32Array;
  /** Of each packed column. */
  readonly role: Uint8Array;
  /** How many columns are numbers. */
  readonly numbers: number;
  /** With at least so many rows a tree is read from end to end before they walk it. */
  readonly scanRows: number;
}

/** What splits ask of a column: nothing, a number, or whether it is set. */
export const chainRole: { readonly unasked: 0; readonly number: 1; readonly indicator: 2 } = {
  unasked: 0,
  number: 1,
  indicator: 2,
};

export const chainBlockBytes = 64;
export const noIndicator = 0xffff;
export const unsetIndicator = 0xfffe;
/** Indicators that one row may have set; more lanes of comparisons would cost more than they save. */
export const maxHits = 8;
export const leafExit = 0x80000000;

/** Where the indicators begin in a row. */
export function chainHitsAt(numbers: number): number {
  return Math.ceil(Math.max(1, numbers) / 4) * 16;
}
