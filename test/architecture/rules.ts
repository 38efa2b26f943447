// The rules themselves: what one source file and one import may do.
import { posix } from "node:path";
import { closedFolders, emptyNames, floorOf, folderOf, maxFileLines, predictionPath } from "./floors.ts";
import type { ImportSite, SourceFacts } from "./scan.ts";

export interface Breach {
  readonly file: string;
  readonly line: number;
  readonly rule: string;
  readonly what: string;
}

/** The file below the root that a relative specifier names; undefined for a package or a `node:` module. */
export function resolveImport(file: string, specifier: string): string | undefined {
  return /^\.{1,2}\//.test(specifier) ? posix.join(posix.dirname(file), specifier) : undefined;
}

export function* checkFile(file: string, facts: SourceFacts): Generator<Breach> {
  const name = posix.basename(file);
  const stem = name.replace(/(\.test)?\.ts$/, "");
  if (facts.syntaxError !== undefined) yield { file, line: 1, rule: "syntax", what: facts.syntaxError };
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(stem)) yield { file, line: 1, rule: "name", what: `${name} is not kebab-case` };
  if (emptyNames.includes(stem)) yield { file, line: 1, rule: "name", what: `${name} does not name its idea` };
  if (facts.lineCount > maxFileLines) {
    yield { file, line: maxFileLines + 1, rule: "length", what: `${facts.lineCount} lines; at most ${maxFileLines}` };
  }
  if (!facts.beginsWithComment) {
    yield { file, line: 1, rule: "comment", what: "a source file begins with a comment that says what it is for" };
  }
  if (!file.startsWith("src/")) {
    for (const { line, specifier } of facts.imports) {
      if (specifier === "trimaran")
        yield { file, line, rule: "self", what: "trimaran: would be what was built last; import src/" };
    }
    return;
  }
  for (const line of facts.anyLines) yield { file, line, rule: "any", what: "`unknown` at the border, never `any`" };
  for (const line of facts.enumLines) yield { file, line, rule: "enum", what: "a union of literals, never an enum" };
  for (const line of facts.defaultExportLines) {
    yield { file, line, rule: "default-export", what: "exports have names" };
  }
  if (folderOf(file.slice("src/".length)) === undefined) {
    yield {
      file,
      line: 1,
      rule: "unknown-folder",
      what: "this place is not in the table of test/architecture/floors.ts",
    };
  }
}

export function* checkImport(file: string, site: ImportSite, dependencies: ReadonlySet<string>): Generator<Breach> {
  const { line, specifier } = site;
  const folder = folderOf(file.slice("src/".length));
  if (folder === undefined) return;
  const breach = (rule: string, what: string): Breach => ({
    file,
    line,
    rule,
    what: `${specifier ?? "import(…)"}: ${what}`,
  });
  const packages = predictionPath[folder];
  if (specifier === undefined) {
    if (packages !== undefined) yield breach("computed-import", "the prediction path names what it imports");
    return;
  }
  const target = resolveImport(file, specifier);
  if (target !== undefined) {
    yield* checkTarget({ file, folder, target }, breach);
  } else if (specifier.startsWith("node:")) {
    if (packages !== undefined) yield breach("node", "the prediction path runs without Node");
  } else {
    const name = specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/");
    if (!dependencies.has(name)) yield breach("undeclared-package", "not among the dependencies of package.json");
    if (packages !== undefined && !packages.includes(name)) {
      yield breach("package", `not among the packages of ${folder} in test/architecture/floors.ts`);
    }
  }
  const closed = closedFolders.find((path) => file.startsWith(`src/${path}/`));
  if (closed !== undefined && !target?.startsWith(`src/${closed}/`)) {
    yield breach("closed", `src/${closed} imports nothing outside of itself`);
  }
}

interface Crossing {
  readonly file: string;
  readonly folder: string;
  readonly target: string;
}

function* checkTarget({ folder, target }: Crossing, breach: (rule: string, what: string) => Breach): Generator<Breach> {
  const targetFolder = target.startsWith("src/") ? folderOf(target.slice("src/".length)) : undefined;
  const here = floorOf.get(folder) ?? 0;
  if (!target.startsWith("src/")) {
    yield breach("outside", "src/ imports nothing outside of src/");
  } else if (targetFolder === undefined) {
    yield breach("unknown-folder", `${target} is not in the table of test/architecture/floors.ts`);
  } else if (targetFolder !== folder) {
    const there = floorOf.get(targetFolder) ?? 0;
    if (there > here)
      yield breach("floor", `${folder} (floor ${here}) may not import ${targetFolder} (floor ${there})`);
    if (there === here) yield breach("same-floor", `${folder} and ${targetFolder} stand on floor ${here}`);
  }
  if (!target.endsWith(".ts")) yield breach("extension", "a relative import ends in .ts");
}
