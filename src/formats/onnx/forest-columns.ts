// What a tree of ONNX cannot ask of a cell is answered before the trees, in columns beside the cells: whether its category is in
// a set, and whether a zero is missing. The trees then compare numbers only, and every runtime takes them the same way.
import type { ForestCategories, ForestOp } from "../../model/ops/forest.ts";
import { chosenColumns, joined } from "./columns.ts";
import { int, type OnnxBuilder, type OnnxName } from "./onnx-builder.ts";
import { exportError, tensorInput, type WriteContext, widthOf } from "./op-writer.ts";

/** Trees without category sets and zeros that are missing, over a tensor that holds the answers as columns. */
export interface PlainForest {
  readonly op: ForestOp;
  readonly input: OnnxName;
}

/** @throws ONNX_EXPORT where the sets would make a table beyond any use */
export function plainForest(op: ForestOp, context: WriteContext): PlainForest {
  const { onnx } = context;
  const input = tensorInput(context);
  const groups = nodeGroups(op);
  if (groups.size === 0) return { op: { ...op, categories: null, zeroMissing: null }, input };
  const feature = Int32Array.from(op.feature);
  const threshold = Float64Array.from(op.threshold);
  const missingLeft = op.missingLeft === null ? null : Uint8Array.from(op.missingLeft);
  const parts = [input];
  let width = widthOf(context.types[0]);
  for (const { column, zeroIsMissing, splits, numeric } of groups.values()) {
    const own = chosenColumns(onnx, input, [column]);
    const cells = zeroIsMissing ? withoutZeros(onnx, own) : own;
    if (numeric.length > 0) {
      for (const node of numeric) feature[node] = width;
      parts.push(cells);
      width += 1;
    }
    if (op.categories == null || splits.size === 0) continue;
    const nodes = [...splits.values()];
    parts.push(
      setAnswers(
        onnx,
        cells,
        nodes.map(([first = 0]) => splitOf(op, first)),
        op.categories,
      ),
    );
    for (const members of nodes) {
      for (const node of members) {
        feature[node] = width;
        threshold[node] = 0.5;
        if (missingLeft !== null) missingLeft[node] = 0;
      }
      width += 1;
    }
  }
  return {
    op: { ...op, feature, threshold, missingLeft, categories: null, zeroMissing: null },
    input: joined(onnx, parts),
  };
}

/** The nodes that ask the same cells. */
interface NodeGroup {
  readonly column: number;
  readonly zeroIsMissing: boolean;
  /** Nodes that ask the same sets, by what they ask. */
  readonly splits: Map<string, number[]>;
  /** Nodes that compare. */
  readonly numeric: number[];
}

function nodeGroups(op: ForestOp): ReadonlyMap<string, NodeGroup> {
  const groups = new Map<string, NodeGroup>();
  for (const [node, column] of op.feature.entries()) {
    const set = op.categories?.left[node] ?? -1;
    const zeroIsMissing = op.zeroMissing?.[node] === 1;
    if (column < 0 || (set < 0 && !zeroIsMissing)) continue;
    const key = `${column} ${zeroIsMissing}`;
    const group: NodeGroup = groups.get(key) ?? { column, zeroIsMissing, splits: new Map(), numeric: [] };
    groups.set(key, group);
    if (set < 0) {
      group.numeric.push(node);
      continue;
    }
    const asked = `${set} ${op.categories?.right[node]} ${op.missingLeft?.[node] ?? 0}`;
    const same: number[] = group.splits.get(asked) ?? [];
    group.splits.set(asked, same);
    same.push(node);
  }
  return groups;
}

/** LightGBM's kZeroThreshold, a float32. */
const zeroBound = Math.fround(1e-35);

function withoutZeros(onnx: OnnxBuilder, cells: OnnxName): OnnxName {
  const isZero = onnx.node("LessOrEqual", [onnx.node("Abs", [cells]), onnx.doubles([zeroBound])]);
  return onnx.node("Where", [isZero, onnx.doubles([Number.NaN]), cells]);
}

interface SetSplit {
  readonly left: number;
  /** -1: whatever is not in the left set. */
  readonly right: number;
  readonly missingLeft: boolean;
}

function splitOf(op: ForestOp, node: number): SetSplit {
  const { left, right } = op.categories as ForestCategories;
  return { left: left[node] ?? -1, right: right[node] ?? -1, missingLeft: op.missingLeft?.[node] === 1 };
}

/** Bytes of a table of answers. */
const maxAnswers = 2 ** 26;

/** Cells [rows, 1] → [rows, splits], 0 where a cell goes left and 1 where it goes right, looked up in a table by category. */
function setAnswers(
  onnx: OnnxBuilder,
  cells: OnnxName,
  splits: readonly SetSplit[],
  categories: ForestCategories,
): OnnxName {
  const sets = splits.flatMap(({ left, right }) => (right < 0 ? [left] : [left, right]));
  const words = Math.max(1, ...sets.map((set) => (categories.offsets[set + 1] ?? 0) - (categories.offsets[set] ?? 0)));
  const known = words * 32;
  // After the known categories: one for all others, one for what is missing.
  if ((known + 2) * splits.length > maxAnswers) {
    throw exportError("forest", `${splits.length} sets of up to ${known} categories would make a table of over 64 MiB`);
  }
  const answers = new Uint8Array((known + 2) * splits.length);
  for (const [at, split] of splits.entries()) {
    for (let category = 0; category <= known; category++) {
      answers[category * splits.length + at] = goesLeft(categories, split, category) ? 0 : 1;
    }
    answers[(known + 1) * splits.length + at] = split.missingLeft ? 0 : 1;
  }
  const table = onnx.constant({ type: "uint8", values: answers }, [known + 2, splits.length]);
  const places = onnx.node("Reshape", [placesOf(onnx, cells, { known, categories }), onnx.integers([-1])]);
  return onnx.cast(onnx.node("Gather", [table, places]), "double");
}

function goesLeft(categories: ForestCategories, { left, right, missingLeft }: SetSplit, category: number): boolean {
  if (isInSet(categories, left, category)) return true;
  return right >= 0 && !isInSet(categories, right, category) && missingLeft;
}

function isInSet({ offsets, words }: ForestCategories, set: number, category: number): boolean {
  const at = (offsets[set] ?? 0) + (category >> 5);
  return at < (offsets[set + 1] ?? 0) && (((words[at] ?? 0) >>> (category & 31)) & 1) === 1;
}

/** The row of the table for each cell. */
function placesOf(
  onnx: OnnxBuilder,
  cells: OnnxName,
  { known, categories }: { known: number; categories: ForestCategories },
): OnnxName {
  const zero = onnx.doubles([0]);
  const isNegative = onnx.node("Less", [cells, zero]);
  const whole = onnx.node("Mul", [onnx.node("Sign", [cells]), onnx.node("Floor", [onnx.node("Abs", [cells])])]);
  const category = categories.number === "byte" ? lowByte(onnx, whole) : whole;
  const beyond = onnx.node("Or", [
    onnx.node("Less", [category, zero]),
    onnx.node("GreaterOrEqual", [category, onnx.doubles([known])]),
  ]);
  const isOther = categories.negative === "outside" ? onnx.node("Or", [beyond, isNegative]) : beyond;
  const isAbsent = onnx.node("IsNaN", [cells]);
  const isMissing = categories.negative === "missing" ? onnx.node("Or", [isAbsent, isNegative]) : isAbsent;
  const place = onnx.node("Where", [isOther, onnx.doubles([known]), category]);
  return onnx.cast(onnx.node("Where", [isMissing, onnx.doubles([known + 1]), place]), "int64");
}

/** C's conversion on x86-64 gives -2^31, whose low byte is 0, for whatever 32 bits do not hold. */
function lowByte(onnx: OnnxBuilder, whole: OnnxName): OnnxName {
  const isBeyond = onnx.node("Or", [
    onnx.node("Less", [whole, onnx.doubles([-(2 ** 31)])]),
    onnx.node("GreaterOrEqual", [whole, onnx.doubles([2 ** 31])]),
  ]);
  const held = onnx.node("Where", [isBeyond, onnx.doubles([0]), whole]);
  const rest = onnx.node("Mod", [held, onnx.doubles([256])], { fmod: int(1) });
  const isNegative = onnx.node("Less", [rest, onnx.doubles([0])]);
  return onnx.node("Where", [isNegative, onnx.node("Add", [rest, onnx.doubles([256])]), rest]);
}
