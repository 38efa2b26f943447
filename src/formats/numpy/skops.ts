// The skops container: a zip of schema.json, a tree of nodes, and one .npy a numeric array. It becomes the same inert tree
// that a pickle gives, and its names go through the same audit. Nodes that a file says to be the same (`__id__`) are read
// each from its own text: in an honest file they are equal.
import { isTrimaranError, type TrimaranError, trimaranError } from "../../base/errors.ts";
import { openZip, type ZipArchive } from "../archive/zip.ts";
import type { GlobalUse, PickleReading } from "../pickle/reading.ts";
import { type PyGlobal, type PyValue, pyGlobal } from "../pickle/tree.ts";
import { type SkopsContext, skopsLoaders } from "./skops-loaders.ts";
import { skopsError, toNode } from "./skops-node.ts";

export interface SkopsOptions {
  readonly name: string;
  /** The most bytes that may come out of the zip. @default 32 × its size, between 64 MiB and 2 GiB */
  readonly maxDecompressedBytes?: number | undefined;
  /** @default 20000000 */
  readonly maxNodes?: number | undefined;
  /** How deep nodes are nested; never more than 1000. @default 500 */
  readonly maxDepth?: number | undefined;
}

const schemaName = "schema.json";
/** A walk over the nodes recurses. */
const mostDepth = 1000;

/** Reads a skops file into an inert tree; never throws for what is in the file. Its names have to be audited. */
export function scanSkops(bytes: Uint8Array, options: SkopsOptions): PickleReading {
  const { name, maxNodes = 20_000_000 } = options;
  const maxDepth = Math.min(options.maxDepth ?? 500, mostDepth);
  const register = new NameRegister();
  let root: PyValue | undefined;
  let problem: TrimaranError | null = null;
  let nodes = 0;
  try {
    const maxBytes = options.maxDecompressedBytes ?? Math.min(Math.max(32 * bytes.length, 1 << 26), 2 ** 31);
    const zip = readOnce(openZip(bytes, { name, maxBytes }), { name, maxBytes });
    const text = schemaText(zip, name);
    register.text = text;
    let depth = 0;
    const context: SkopsContext = {
      name,
      zip,
      note: (names) => register.note(names),
      read(value, path) {
        if (++depth > maxDepth) throw limit(name, "maxDepth", maxDepth);
        if (++nodes > maxNodes) throw limit(name, "maxNodes", maxNodes);
        const node = toNode(value, path, name);
        const load = skopsLoaders.get(node.loader);
        if (load === undefined) throw unknownLoader(register, node);
        const result = load(node, context);
        depth--;
        return result;
      },
    };
    root = context.read(parseSchema(text, name), "the root");
  } catch (error) {
    if (!isTrimaranError(error)) throw error;
    problem = error;
  }
  return {
    name,
    root: problem === null ? root : undefined,
    problem,
    globals: register.uses(),
    forbidden: [],
    protocol: 0,
    opcodes: nodes,
    endOffset: bytes.length,
    trailingBytes: 0,
    trailingGlobals: [],
  };
}

/**
 * The same zip, whose members are decompressed once each. What is named again counts again: whoever walks the tree works on
 * each array that it names.
 */
function readOnce(
  zip: ZipArchive,
  { name, maxBytes }: { readonly name: string; readonly maxBytes: number },
): ZipArchive {
  const known = new Map<string, Uint8Array>();
  let total = 0;
  return {
    ...zip,
    read(member) {
      const bytes = known.get(member) ?? zip.read(member);
      known.set(member, bytes);
      total += bytes.length;
      if (total <= maxBytes) return bytes;
      const problem = "its schema names members of more bytes, those that it names again counted again";
      throw trimaranError("FORMAT_LIMIT", { name, limit: "maxDecompressedBytes", max: maxBytes, problem });
    },
  };
}

function schemaText(zip: ZipArchive, name: string): string {
  if (!zip.has(schemaName)) {
    throw trimaranError("FORMAT_UNKNOWN", { name, start: "a zip archive without the schema.json of skops" });
  }
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(zip.read(schemaName));
  } catch (cause) {
    if (isTrimaranError(cause)) throw cause;
    throw skopsError(name, "its schema is not UTF-8");
  }
}

function parseSchema(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw skopsError(name, "its schema is not JSON");
  }
}

function limit(name: string, limitName: string, max: number): TrimaranError {
  return trimaranError("FORMAT_LIMIT", { name, limit: limitName, max, problem: "its schema goes beyond" });
}

/** A loader that we do not know may do anything: what it names is noted as called, so that the audit tells it. */
function unknownLoader(
  register: NameRegister,
  node: { module: string; className: string; loader: string },
): TrimaranError {
  register.note({ module: node.module, name: node.className, loader: node.loader, called: true });
  return trimaranError("FORMAT_FEATURE", { name: "its schema", feature: `the skops loader ${node.loader}` });
}

interface Noted {
  readonly global: PyGlobal;
  readonly loader: string;
  called: boolean;
}

/** Every name of the file, once, with where the schema first writes it. */
class NameRegister {
  text = "";
  readonly #names = new Map<string, Noted>();

  note({ module, name, loader, called }: { module: string; name: string; loader: string; called: boolean }): PyGlobal {
    const key = `${module}\u0000${name}`;
    let noted = this.#names.get(key);
    if (noted === undefined) {
      const offset = Math.max(0, this.text.indexOf(JSON.stringify(name)));
      noted = { global: pyGlobal(module, name, offset), loader, called };
      this.#names.set(key, noted);
    }
    noted.called ||= called;
    return noted.global;
  }

  uses(): readonly GlobalUse[] {
    return [...this.#names.values()].map(({ global, loader, called }) => ({
      global,
      opcode: loader,
      calls: called ? [{ opcode: loader, offset: global.offset }] : [],
    }));
  }
}
