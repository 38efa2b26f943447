// Which files of installed packages an image does without: types, sources of types, source maps and pages for people. Licences
// stay. Only what Node never loads by itself is left out, by its name's end, and folders that only a package's authors use.
import { readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Node strips no types below node_modules, so nothing there is run from TypeScript. */
const unusedFile =
  /(\.map|\.[cm]?ts|\.tsx|\.flow|\.md|\.markdown|\.tsbuildinfo|^\.eslintrc.*|^\.editorconfig|^\.npmignore)$/i;
const licence = /^(licen[cs]e|notice|copying|authors|patents)/i;
/** At the top of a package, beside its package.json. */
const unusedFolders: ReadonlySet<string> = new Set([
  ".github",
  "__tests__",
  "benchmark",
  "benchmarks",
  "doc",
  "docs",
  "example",
  "examples",
  "test",
  "tests",
]);

/** Whether an image does without the file or folder `name`; `isTop`: it lies beside a package.json of a package. */
export function isUnused(
  name: string,
  { isFolder, isTop }: { readonly isFolder: boolean; readonly isTop: boolean },
): boolean {
  if (isFolder) return isTop && unusedFolders.has(name);
  return unusedFile.test(name) && !licence.test(name);
}

/** `folder` is a node_modules. */
export function prune(folder: string): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const place = join(folder, entry.name);
    const isFolder = entry.isDirectory();
    if (isUnused(entry.name, { isFolder, isTop: isPackage(folder) })) rmSync(place, { recursive: true });
    else if (isFolder) prune(place);
  }
}

/** `node_modules/name` or `node_modules/@scope/name`. */
function isPackage(folder: string): boolean {
  const above = dirname(folder);
  if (basename(folder).startsWith("@")) return false;
  return (
    basename(above) === "node_modules" ||
    (basename(above).startsWith("@") && basename(dirname(above)) === "node_modules")
  );
}
