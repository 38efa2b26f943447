// Reads a file store as what it may be: hostile. Links are never followed, names and sizes are limited, texts are UTF-8, and
// what breaks a rule is skipped by name.
import { constants } from "node:fs";
import { type FileHandle, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { isScalar, isSeq, isMap as isYamlMap, parseDocument } from "yaml";
import { isTrimaranError } from "../../base/errors.ts";
import { assertYamlCost } from "../../mlflow/yaml-cost.ts";
import { type ImportReport, PartProblem } from "./import-report.ts";

const maxEntries = 1_000_000;
const maxDepth = 16;

/** A place below a file store; `path` is relative to it, with `/`, `""` itself. */
export class StoreFolder {
  readonly root: string;
  readonly path: string;
  readonly report: ImportReport;

  constructor(root: string, path: string, report: ImportReport) {
    this.root = root;
    this.path = path;
    this.report = report;
  }

  at(name: string): StoreFolder {
    return new StoreFolder(this.root, this.path === "" ? name : `${this.path}/${name}`, this.report);
  }

  pathOf(name: string): string {
    return this.path === "" ? name : `${this.path}/${name}`;
  }

  skip(problem: string, name = ""): void {
    this.report.skip(name === "" ? this.path : this.pathOf(name), problem);
  }

  /** Names of folders and files, sorted; links and devices are told and left out. Nothing where there is no such folder. */
  async list(): Promise<{ readonly folders: readonly string[]; readonly files: readonly string[] }> {
    const folders: string[] = [];
    const files: string[] = [];
    const entries = await readdir(join(this.root, this.path), { withFileTypes: true }).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") this.skip(problemOf(error));
      return [];
    });
    if (entries.length > maxEntries) {
      this.skip(`it has more than ${maxEntries} entries`);
      return { folders, files };
    }
    for (const entry of entries) {
      if (entry.isDirectory()) folders.push(entry.name);
      else if (entry.isFile()) files.push(entry.name);
      else this.skip(entry.isSymbolicLink() ? "it is a link" : "it is no file and no folder", entry.name);
    }
    return { folders: folders.sort(), files: files.sort() };
  }

  /** Runs `work` for a part; what is wrong with it is told, and the others go on. */
  async attempt(work: () => Promise<void>, name = ""): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof PartProblem)) throw error;
      this.skip(error.message, name);
    }
  }

  /** @throws PartProblem */
  async text(name: string, maxBytes: number): Promise<string> {
    await using file = await this.open(name);
    const { size } = await file.stat();
    if (size > maxBytes) throw new PartProblem(`it is larger than ${maxBytes} bytes`);
    const bytes = new Uint8Array(size);
    let at = 0;
    while (at < size) {
      const { bytesRead } = await file.read(bytes, at, size - at, at);
      if (bytesRead === 0) break;
      at += bytesRead;
    }
    return decoded(bytes.subarray(0, at));
  }

  /** @throws PartProblem */
  async open(name: string): Promise<FileHandle> {
    try {
      const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
      const file = await open(join(this.root, this.pathOf(name)), flags);
      if ((await file.stat()).isFile()) return file;
      await file.close();
    } catch (error) {
      throw new PartProblem(problemOf(error));
    }
    throw new PartProblem("it is no file");
  }

  /** Every file below as a key, `a/b` for one in a folder, as MLflow keeps keys that hold a slash. */
  async *keys(below = "", depth = 0): AsyncGenerator<string> {
    const folder = below === "" ? this : this.at(below);
    if (depth > maxDepth) {
      folder.skip(`it lies more than ${maxDepth} folders deep`);
      return;
    }
    const { folders, files } = await folder.list();
    for (const name of files) {
      const key = below === "" ? name : `${below}/${name}`;
      if (key.length <= maxKeyChars) yield key;
      else this.skip(`its key is longer than ${maxKeyChars} characters`, key.slice(0, maxKeyChars));
    }
    for (const name of folders) yield* this.keys(below === "" ? name : `${below}/${name}`, depth + 1);
  }

  /** Keys with the texts of their files. */
  async texts(): Promise<readonly { readonly key: string; readonly value: string }[]> {
    const found: { readonly key: string; readonly value: string }[] = [];
    for await (const key of this.keys()) {
      await this.attempt(async () => void found.push({ key, value: await this.text(key, maxValueBytes) }), key);
    }
    return found;
  }

  /** The folder's meta.yaml. @throws PartProblem */
  async meta(maxBytes: number = maxMetaBytes): Promise<Meta> {
    try {
      return readMeta(await this.text("meta.yaml", maxBytes));
    } catch (error) {
      if (error instanceof PartProblem) throw new PartProblem(`its meta.yaml is not read: ${error.message}`);
      throw error;
    }
  }
}

const maxMetaBytes = 1 << 20;
const maxValueBytes = 1 << 20;
const maxKeyChars = 250;

function decoded(bytes: Uint8Array): string {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new PartProblem("it is no UTF-8 text");
  }
  if (text.includes("\0")) throw new PartProblem("it holds the character NUL");
  return text;
}

function problemOf(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return "it is not there";
  if (code === "ELOOP") return "it is a link";
  return code ?? "it failed";
}

/** A meta.yaml: texts by name; null is not told apart from what is not there. */
export class Meta {
  readonly #values: ReadonlyMap<string, string | ReadonlyMap<string, string>>;

  constructor(values: ReadonlyMap<string, string | ReadonlyMap<string, string>>) {
    this.#values = values;
  }

  text(name: string): string | null {
    const value = this.#values.get(name);
    return typeof value === "string" ? value : null;
  }

  /** @throws PartProblem */
  needed(name: string): string {
    const value = this.text(name);
    if (value === null || value === "") throw new PartProblem(`its meta.yaml has no ${name}`);
    return value;
  }

  /** A whole number that JavaScript and the database hold exactly. @throws PartProblem when it is something else */
  integer(name: string): number | null {
    const text = this.text(name);
    if (text === null || text === "") return null;
    const value = Number(text);
    if (!/^[+-]?\d+$/.test(text) || !Number.isSafeInteger(value)) {
      throw new PartProblem(`${name} of its meta.yaml is no whole number`);
    }
    return value;
  }

  map(name: string): ReadonlyMap<string, string> {
    const value = this.#values.get(name);
    return typeof value === "object" ? value : new Map();
  }
}

/**
 * A mapping of scalars and of mappings of scalars, each as it is written: PyYAML and YAML 1.2 see different numbers (5e8), and
 * we know what each field is. Anchors are refused, so that nothing grows.
 */
function readMeta(text: string): Meta {
  try {
    assertYamlCost(text, "it", { maxDepth: 4 });
  } catch (error) {
    if (isTrimaranError(error)) throw new PartProblem("it has too many words or levels");
    throw error;
  }
  const document = parseDocument(text, { schema: "failsafe", uniqueKeys: false, logLevel: "silent" });
  if (document.errors.length > 0 || !isYamlMap(document.contents)) throw new PartProblem("it is no YAML mapping");
  const values = new Map<string, string | ReadonlyMap<string, string>>();
  for (const { key, value } of document.contents.items) {
    const name = scalarText(key);
    if (name === null) throw new PartProblem("it holds a key that is no text");
    if (isYamlMap(value)) {
      const inner = new Map<string, string>();
      for (const each of value.items) {
        const [innerKey, innerValue] = [scalarText(each.key), scalarText(each.value)];
        if (innerKey !== null && innerValue !== null) inner.set(innerKey, innerValue);
      }
      values.set(name, inner);
    } else if (!isSeq(value)) {
      const told = scalarText(value);
      if (told !== null) values.set(name, told);
    }
  }
  return new Meta(values);
}

/** Null: null, or nothing at all. */
function scalarText(node: unknown): string | null {
  if (node === null || node === undefined) return null;
  if (!isScalar(node)) throw new PartProblem("it holds an alias or something nested");
  if (node.anchor !== undefined) throw new PartProblem("it holds an anchor");
  const text = String(node.value ?? "");
  return node.type === "PLAIN" && /^(null|Null|NULL|~|)$/.test(text) ? null : text;
}
