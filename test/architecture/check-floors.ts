// Holds src/ to the floors and to the rules of a source file. Alone: `node test/architecture/check-floors.ts [root]`.
import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findCycles } from "./cycles.ts";
import { floorOf, folderOf, maxReadmeLines } from "./floors.ts";
import { type Breach, checkFile, checkImport, resolveImport } from "./rules.ts";
import { type SourceFacts, scanSource } from "./scan.ts";

/** All breaches of the repository at `root`, by file and line. */
export function checkFloors(root: string): Breach[] {
  const dependencies = declaredDependencies(root);
  const breaches: Breach[] = [...checkFolders(root)];
  const graph = new Map<string, string[]>();
  for (const file of globSync("{src,test,bench,scripts}/**/*.ts", { cwd: root }).sort()) {
    if (file.startsWith("test/architecture/fixture/")) continue;
    const facts = scanSource(file, readFileSync(join(root, file), "utf8"));
    breaches.push(...checkFile(file, facts));
    if (!file.startsWith("src/")) continue;
    for (const site of facts.imports) breaches.push(...checkImport(file, site, dependencies));
    graph.set(file, importedFiles(file, facts));
  }
  for (const cycle of findCycles(graph)) {
    breaches.push({ file: cycle[0] ?? "", line: 1, rule: "cycle", what: cycle.join(" → ") });
  }
  return breaches.sort((a, b) => (a.file === b.file ? a.line - b.line : a.file < b.file ? -1 : 1));
}

export function breachText({ file, line, rule, what }: Breach): string {
  return `${file}:${line} [${rule}] ${what}`;
}

/** A folder of the table that exists holds source files and a short README.md. */
function* checkFolders(root: string): Generator<Breach> {
  for (const folder of floorOf.keys()) {
    const path = `src/${folder}`;
    if (folder.endsWith(".ts") || !existsSync(join(root, path)) || !statSync(join(root, path)).isDirectory()) continue;
    const readme = join(root, path, "README.md");
    if (globSync("**/*.ts", { cwd: join(root, path) }).length === 0) {
      yield { file: path, line: 1, rule: "empty-folder", what: "a folder appears when it is needed, not before" };
    } else if (!existsSync(readme)) {
      yield { file: path, line: 1, rule: "readme", what: "a folder of the table says in a README.md what lives there" };
    } else {
      const lines = readFileSync(readme, "utf8").trimEnd().split("\n").length;
      if (lines > maxReadmeLines) {
        const what = `${lines} lines; at most ${maxReadmeLines}`;
        yield { file: `${path}/README.md`, line: maxReadmeLines + 1, rule: "readme", what };
      }
    }
  }
}

function importedFiles(file: string, facts: SourceFacts): string[] {
  const targets = facts.imports.map(({ specifier }) => resolveImport(file, specifier ?? ""));
  return targets.filter(
    (target) => target !== undefined && folderOf(target.slice("src/".length)) !== undefined,
  ) as string[];
}

/** What a user of the published package has installed. */
function declaredDependencies(root: string): ReadonlySet<string> {
  const file = join(root, "package.json");
  const text = existsSync(file) ? readFileSync(file, "utf8") : "{}";
  const manifest = JSON.parse(text) as Record<string, Record<string, string> | undefined>;
  const groups = ["dependencies", "peerDependencies", "optionalDependencies"];
  return new Set(groups.flatMap((group) => Object.keys(manifest[group] ?? {})));
}

if (import.meta.main) {
  const root = process.argv[2] ?? fileURLToPath(new URL("../../", import.meta.url));
  const breaches = checkFloors(root);
  for (const breach of breaches) console.log(breachText(breach));
  if (breaches.length > 0) process.exitCode = 1;
}
