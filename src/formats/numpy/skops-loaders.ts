// One function a loader of skops: its node → an inert value. What a node names is noted for the audit exactly where the
// value that stands for it is made, so that what is audited is what is used. Source: skops/io/_general.py, _numpy.py,
// _scipy.py, _sklearn.py of protocols 0 to 2.
import { openZip, type ZipArchive } from "../archive/zip.ts";
import {
  isNode,
  type PyDict,
  type PyGlobal,
  type PyObject,
  type PyValue,
  pyGlobal,
  pyObject,
  pyTuple,
} from "../pickle/tree.ts";
import { arrayValue, dtypeValue, objectArrayValue, scalarValue } from "./array-value.ts";
import type { NdArray } from "./ndarray.ts";
import { isArray, readArray } from "./ndarray.ts";
import { readNpy } from "./npy.ts";
import { parseJsonScalar } from "./skops-json.ts";
import { isJsonObject, type SkopsNode, skopsError } from "./skops-node.ts";

export interface SkopsContext {
  readonly name: string;
  readonly zip: ZipArchive;
  /** Reads a nested node. */
  read(value: unknown, path: string): PyValue;
  /** Notes a name for the audit and gives it; `called`: an object of it is made. */
  note(names: { module: string; name: string; loader: string; called: boolean }): PyGlobal;
}

export type SkopsLoader = (node: SkopsNode, context: SkopsContext) => PyValue;

export const skopsLoaders: ReadonlyMap<string, SkopsLoader> = new Map<string, SkopsLoader>([
  ["JsonNode", readJson],
  ["DictNode", readDict],
  ["DefaultDictNode", readDefaultDict],
  ["ListNode", readList],
  ["TupleNode", readTuple],
  ["SetNode", readSet],
  ["SliceNode", readSlice],
  ["BytesNode", (node, context) => ({ kind: "bytes", value: readMember(node, context), mutable: false })],
  ["BytearrayNode", (node, context) => ({ kind: "bytes", value: readMember(node, context), mutable: true })],
  ["TypeNode", (node, context) => named(node, context, false)],
  ["FunctionNode", readFunction],
  ["PartialNode", readPartial],
  ["ObjectNode", readObject],
  [
    "ConstructorFromReduceNode",
    (node, context) => construct(node, context, listItems(context.read(node.fields["content"], `${node.path}.args`))),
  ],
  ["TreeNode", readReduced],
  ["LossNode", readReduced],
  ["SGDNode", readReduced],
  ["NdArrayNode", readNdArray],
  ["MaskedArrayNode", (node, context) => construct(node, context, [])],
  ["RandomStateNode", (node, context) => construct(node, context, [])],
  ["RandomGeneratorNode", (node, context) => construct(node, context, [])],
  ["DTypeNode", readDTypeNode],
  ["SparseMatrixNode", readSparseMatrix],
  ["_DictWithDeprecatedKeysNode", readDefaultDict],
]);

function named(node: SkopsNode, context: SkopsContext, called: boolean): PyGlobal {
  return context.note({ module: node.module, name: node.className, loader: node.loader, called });
}

function construct(node: SkopsNode, context: SkopsContext, args: readonly PyValue[]): PyObject {
  return pyObject(named(node, context, true), args);
}

function isClass(node: SkopsNode, module: string, name: string): boolean {
  return node.module === module && node.className === name;
}

function readJson(node: SkopsNode, { name }: SkopsContext): PyValue {
  const { content } = node.fields;
  if (typeof content !== "string") throw skopsError(name, `${node.path} holds no JSON text`);
  return parseJsonScalar(content, name);
}

/** `content` has string keys; `key_types` says of each what it was. */
function readDict(node: SkopsNode, context: SkopsContext): PyValue {
  const { content, key_types: keyTypes } = node.fields;
  if (!isJsonObject(content)) throw skopsError(context.name, `${node.path} holds no dict`);
  const types = keyTypes === undefined ? [] : listItems(context.read(keyTypes, `${node.path}.key_types`));
  const entries: PyDict = { kind: "dict", keys: [], values: [] };
  for (const [index, [key, value]] of Object.entries(content).entries()) {
    entries.keys.push(keyOf(key, types[index]));
    entries.values.push(context.read(value, `${node.path}.${key}`));
  }
  if (isClass(node, "builtins", "dict")) return entries;
  const object = construct(node, context, []);
  object.entries = entries;
  return object;
}

function keyOf(key: string, type: PyValue | undefined): PyValue {
  if (!isNode(type) || type.kind !== "global") return key;
  if (type.name === "int" || /^u?int\d+$/.test(type.name))
    return Number.isSafeInteger(Number(key)) ? Number(key) : BigInt(key);
  if (type.name === "float" || /^float\d+$/.test(type.name)) return { kind: "float", value: Number(key) };
  if (type.name === "bool" || type.name === "bool_") return key === "True" || key === "true";
  return type.name === "NoneType" ? null : key;
}

function readDefaultDict(node: SkopsNode, context: SkopsContext): PyValue {
  const { content } = node.fields;
  if (!isJsonObject(content)) throw skopsError(context.name, `${node.path} holds no dict`);
  named(node, context, true);
  return context.read(content["main"], `${node.path}.main`);
}

function contentItems(node: SkopsNode, context: SkopsContext): PyValue[] {
  const { content } = node.fields;
  if (!Array.isArray(content)) throw skopsError(context.name, `${node.path} holds no list`);
  return content.map((item, index) => context.read(item, `${node.path}[${index}]`));
}

function readList(node: SkopsNode, context: SkopsContext): PyValue {
  const items = contentItems(node, context);
  if (isClass(node, "builtins", "list")) return { kind: "list", items };
  const object = construct(node, context, []);
  object.appended.push(...items);
  return object;
}

function readTuple(node: SkopsNode, context: SkopsContext): PyValue {
  const items = contentItems(node, context);
  return isClass(node, "builtins", "tuple") ? pyTuple(items) : construct(node, context, items);
}

function readSet(node: SkopsNode, context: SkopsContext): PyValue {
  const items = contentItems(node, context);
  if (isClass(node, "builtins", "set")) return { kind: "set", frozen: false, items };
  if (isClass(node, "builtins", "frozenset")) return { kind: "set", frozen: true, items };
  return construct(node, context, [{ kind: "list", items }]);
}

/** `content` holds bare numbers, not nodes. */
function readSlice(node: SkopsNode, context: SkopsContext): PyValue {
  const { content } = node.fields;
  if (!isJsonObject(content)) throw skopsError(context.name, `${node.path} holds no slice`);
  const bound = (key: string): PyValue => {
    const value = content[key];
    if (value === null || (typeof value === "number" && Number.isSafeInteger(value))) return value;
    throw skopsError(context.name, `${node.path} has a bound that is no whole number`);
  };
  return construct(node, context, [bound("start"), bound("stop"), bound("step")]);
}

/** Protocol 0 names the function once more inside: both names are audited, and the inner one is what is meant. */
function readFunction(node: SkopsNode, context: SkopsContext): PyValue {
  const { content } = node.fields;
  if (!isJsonObject(content)) return named(node, context, false);
  const { module_path: module, function: name } = content;
  if (typeof module !== "string" || typeof name !== "string")
    throw skopsError(context.name, `${node.path} names no function`);
  return context.note({ module, name, loader: node.loader, called: false });
}

function readPartial(node: SkopsNode, context: SkopsContext): PyValue {
  const { content } = node.fields;
  if (!isJsonObject(content)) throw skopsError(context.name, `${node.path} holds no partial`);
  const read = (key: string): PyValue => context.read(content[key], `${node.path}.${key}`);
  const state = pyTuple([read("func"), read("args"), read("kwds"), read("namespace")]);
  return pyObject(named(node, context, true), [state.items[0] ?? null], [state]);
}

function readObject(node: SkopsNode, context: SkopsContext): PyValue {
  const { content } = node.fields;
  const callee = named(node, context, true);
  if (content === undefined || content === null) return { ...pyObject(callee, []), via: "newobj" };
  return { ...pyObject(callee, [], [context.read(content, node.path)]), via: "newobj" };
}

function readReduced(node: SkopsNode, context: SkopsContext): PyValue {
  const { __reduce__: reduce, content } = node.fields;
  if (!isJsonObject(reduce)) throw skopsError(context.name, `${node.path} has no arguments`);
  const args = listItems(context.read(reduce["args"], `${node.path}.args`));
  const states = content === undefined ? [] : [context.read(content, node.path)];
  return pyObject(named(node, context, true), args, states);
}

function readNdArray(node: SkopsNode, context: SkopsContext): PyValue {
  if (node.fields["type"] === "numpy") {
    const array = readNpy(readMember(node, context), `${context.name} ${node.path}`);
    return isArrayName(node) ? arrayValue(array) : scalarOf(node, context, array);
  }
  const shape = listItems(context.read(node.fields["shape"], `${node.path}.shape`));
  const sizes = shape.map((size) => (typeof size === "number" ? size : -1));
  const items = flatten(contentItems(node, context), sizes.length);
  if (sizes.some((size) => size < 0) || sizes.reduce((a, b) => a * b, 1) !== items.length) {
    throw skopsError(context.name, `${node.path} has another shape than its objects`);
  }
  return objectArrayValue(sizes, items);
}

function isArrayName(node: SkopsNode): boolean {
  return node.module === "numpy" && ["ndarray", "matrix", "memmap"].includes(node.className);
}

/** A numpy scalar is stored as an array without dimensions. */
function scalarOf(node: SkopsNode, context: SkopsContext, array: NdArray): PyValue {
  named(node, context, false);
  if (array.size !== 1) throw skopsError(context.name, `${node.path} holds ${array.size} numbers, not one`);
  return scalarValue(array);
}

/** Arrays of objects with several dimensions are nested lists. */
function flatten(items: readonly PyValue[], dimensions: number): PyValue[] {
  if (dimensions < 2) return [...items];
  return items.flatMap((item) => (isNode(item) && item.kind === "list" ? flatten(item.items, dimensions - 1) : [item]));
}

function readDTypeNode(node: SkopsNode, context: SkopsContext): PyValue {
  const value = context.read(node.fields["content"], node.path);
  if (!isArray(value)) throw skopsError(context.name, `${node.path} holds no dtype`);
  return dtypeValue(readArray(value, node.path).dtype);
}

/** A scipy matrix is an .npz inside: a zip of arrays. */
function readSparseMatrix(node: SkopsNode, context: SkopsContext): PyValue {
  const bytes = readMember(node, context);
  const npz = openZip(bytes, { name: `${context.name} ${node.path}`, maxBytes: Math.max(bytes.length * 32, 1 << 26) });
  const member = (key: string): PyObject => arrayValue(readNpy(npz.read(`${key}.npy`), `${context.name} ${node.path}`));
  const format = new TextDecoder().decode(readNpy(npz.read("format.npy"), node.path).bytes).replace(/\0/g, "");
  const keys = sparseKeys.get(format);
  if (keys === undefined) throw skopsError(context.name, `${node.path} is a sparse matrix of an unknown format`);
  const shape = readArray(member("shape"), node.path);
  const sizes = [...new BigInt64Array(new Uint8Array(shape.bytes).buffer)].map(Number);
  named(node, context, true);
  const state: PyDict = { kind: "dict", keys: ["_shape", ...keys], values: [pyTuple(sizes), ...keys.map(member)] };
  return pyObject(pyGlobal(`scipy.sparse._${format}`, `${format}_matrix`, 0), [], [state]);
}

const sparseKeys: ReadonlyMap<string, readonly string[]> = new Map([
  ["csr", ["indices", "indptr", "data"]],
  ["csc", ["indices", "indptr", "data"]],
  ["coo", ["row", "col", "data"]],
  ["dia", ["offsets", "data"]],
]);

function readMember(node: SkopsNode, { zip, name }: SkopsContext): Uint8Array {
  const { file } = node.fields;
  if (typeof file !== "string") throw skopsError(name, `${node.path} names no file`);
  return zip.read(file);
}

function listItems(value: PyValue): readonly PyValue[] {
  return isNode(value) && (value.kind === "list" || value.kind === "tuple") ? value.items : [];
}
