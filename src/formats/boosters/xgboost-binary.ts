// The binary model of XGBoost 0.x and 1.x, which 3.1 no longer writes → parts. Little-endian; sizes and counts of 64 bits.
//
//   ["binf"]  learner: f4 base_score, u4 num_feature, i4 num_class, i4 contain_extra_attrs, i4 contain_eval_metrics,
//             u4 major_version, u4 minor_version, u4 num_target (1.7), up to 136 bytes
//   string objective, string booster
//   gbtree:   i4 num_trees, i4 num_roots or num_parallel_tree, i4 num_feature, i4 padding, i8 num_pbuffer, i4 num_output_group,
//             i4 size_leaf_vector, up to 160 bytes
//   tree:     i4 num_roots, i4 num_nodes, i4 num_deleted, i4 max_depth, i4 num_feature, i4 size_leaf_vector, up to 148 bytes;
//             node: i4 parent, i4 left, i4 right, u4 feature (bit 31: missing goes left), f4 threshold or leaf;
//             statistics of a node: f4 loss_chg, f4 sum_hess, f4 base_weight, i4 leaf_child_cnt
//   i4 tree_info a tree;  dart: count, f4 weight a tree;  attributes, if contained: count, (string, string)*
import { ByteCursor } from "../../base/byte-cursor.ts";
import { trimaranError } from "../../base/errors.ts";
import { evenRounds, maxFeatures, maxOutputs, type XgboostParts, type XgboostTree } from "./xgboost-parts.ts";

const learnerBytes = 136;
const modelBytes = 160;
const treeBytes = 148;
const nodeBytes = 20;
const statisticBytes = 16;
/** No name or attribute that people write is longer. */
const maxTextBytes = 1 << 26;

/** Whether the bytes begin as such a file does; there is no magic number before 1.0 but where it was kept in memory. */
export function isXgboostBinary(bytes: Uint8Array): boolean {
  const start = hasMagic(bytes) ? 4 : 0;
  if (bytes.length < start + learnerBytes + 16) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(start + learnerBytes, true);
  if (length < 3 || length > 40 || view.getUint32(start + learnerBytes + 4, true) !== 0) return false;
  const name = bytes.subarray(start + learnerBytes + 8, start + learnerBytes + 8 + length);
  return /^[a-z]+:[a-z_0-9]+$/.test(String.fromCharCode(...name));
}

function hasMagic(bytes: Uint8Array): boolean {
  return bytes[0] === 0x62 && bytes[1] === 0x69 && bytes[2] === 0x6e && bytes[3] === 0x66;
}

/** @throws FORMAT_TRUNCATED, FORMAT_DAMAGED, MODEL_UNSUPPORTED */
export function readXgboostBinary(bytes: Uint8Array, name: string): XgboostParts {
  const cursor = new ByteCursor(bytes, name, hasMagic(bytes) ? 4 : 0);
  const learner = header(cursor, learnerBytes, "the learner's parameters");
  const width = bounded(learner.getUint32(4, true), maxFeatures, { cursor, what: "num_feature" });
  const classes = bounded(learner.getInt32(8, true), maxOutputs, { cursor, what: "num_class" });
  const version: XgboostParts["version"] = [learner.getUint32(20, true), learner.getUint32(24, true), 0];
  const targets =
    version[0] >= 1 ? bounded(learner.getUint32(28, true), maxOutputs, { cursor, what: "num_target" }) : 1;
  const objective = readText(cursor);
  const booster = readText(cursor);
  if (booster !== "gbtree" && booster !== "dart") {
    throw trimaranError("MODEL_UNSUPPORTED", { path: name, what: `the booster ${booster}`, nearest: "" });
  }
  const outputs = Math.max(1, classes, targets);
  const model = header(cursor, modelBytes, "the trees' parameters");
  const count = bounded(model.getInt32(0, true), cursor.left / treeBytes, { cursor, what: "num_trees" });
  // Before 1.0 this held the number of roots, which was always 1.
  const parallel = version[0] >= 1 ? Math.max(1, model.getInt32(4, true)) : 1;
  const trees = Array.from({ length: count }, (_, index) => readTree(cursor, index));
  const info = header(cursor, count * 4, "tree_info");
  const weights = booster === "dart" && count > 0 ? readWeights(cursor, count) : null;
  const attributes = learner.getInt32(12, true) !== 0 ? readPairs(cursor) : new Map<string, string>();
  return {
    version,
    objective,
    baseScore: Float64Array.of(learner.getFloat32(0, true)),
    width,
    outputs,
    attributes,
    featureNames: [],
    featureTypes: [],
    categories: null,
    trees,
    targets: Int32Array.from({ length: count }, (_, tree) => info.getInt32(tree * 4, true)),
    weights,
    isOldDart: booster === "dart",
    rounds: evenRounds(count, outputs * parallel),
  };
}

function readTree(cursor: ByteCursor, index: number): XgboostTree {
  const parameters = header(cursor, treeBytes, "a tree's parameters");
  const most = cursor.left / (nodeBytes + statisticBytes);
  const count = bounded(parameters.getInt32(4, true), most, { cursor, what: "num_nodes" });
  if (count === 0) throw damaged(cursor, "a tree without nodes");
  const deleted = bounded(parameters.getInt32(8, true), count, { cursor, what: "num_deleted" });
  if (parameters.getInt32(20, true) > 1) {
    throw trimaranError("MODEL_UNSUPPORTED", {
      path: `trees[${index}]`,
      what: "a binary tree of vectors",
      nearest: "",
    });
  }
  const nodes = header(cursor, count * nodeBytes, "the nodes of a tree");
  const statistics = header(cursor, count * statisticBytes, "the statistics of a tree");
  const each = { length: count };
  const feature = (node: number): number => nodes.getUint32(node * nodeBytes + 12, true);
  return {
    path: `trees[${index}]`,
    left: Int32Array.from(each, (_, node) => nodes.getInt32(node * nodeBytes + 4, true)),
    right: Int32Array.from(each, (_, node) => nodes.getInt32(node * nodeBytes + 8, true)),
    feature: Int32Array.from(each, (_, node) => feature(node) & 0x7fffffff),
    condition: Float64Array.from(each, (_, node) => nodes.getFloat32(node * nodeBytes + 16, true)),
    defaultLeft: Uint8Array.from(each, (_, node) => feature(node) >>> 31),
    cover: Float64Array.from(each, (_, node) => statistics.getFloat32(node * statisticBytes + 4, true)),
    categories: new Map(),
    vectors: null,
    deleted,
  };
}

function readWeights(cursor: ByteCursor, count: number): Float64Array {
  if (cursor.u64le("the number of weights") !== count) throw damaged(cursor, "another number of weights than of trees");
  const view = header(cursor, count * 4, "the weights of trees");
  return Float64Array.from({ length: count }, (_, tree) => view.getFloat32(tree * 4, true));
}

function readPairs(cursor: ByteCursor): ReadonlyMap<string, string> {
  const count = bounded(cursor.u64le("the number of attributes"), cursor.left / 16, { cursor, what: "attributes" });
  const pairs = new Map<string, string>();
  for (let read = 0; read < count; read++) {
    const key = readText(cursor);
    pairs.set(key, readText(cursor));
  }
  return pairs;
}

function readText(cursor: ByteCursor): string {
  const length = bounded(cursor.u64le("the length of a text"), maxTextBytes, { cursor, what: "the length of a text" });
  return new TextDecoder().decode(cursor.take(length, "a text"));
}

function header(cursor: ByteCursor, length: number, what: string): DataView {
  const bytes = cursor.take(length, what);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function bounded(value: number, most: number, { cursor, what }: { cursor: ByteCursor; what: string }): number {
  if (value >= 0 && value <= most) return value;
  throw damaged(cursor, `${what} says ${value}`);
}

function damaged(cursor: ByteCursor, problem: string): Error {
  return trimaranError("FORMAT_DAMAGED", { name: cursor.name, problem, offset: cursor.offset });
}
