// Everything that a worker of Spark needs: Node, Trimaran, its packages, the target. In one archive for machines like this one, or, for
// workers on this machine, in a folder of links to what is here anyway.
import { readdirSync, readFileSync, statSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import process from "node:process";
import type { PackagePlan } from "../../packaging/package-plan.ts";
import { findPackage, type InstalledPackage, placedPackages, readManifest } from "./dependency-tree.ts";
import { ownRoot, type TrimaranTarball } from "./pack-trimaran.ts";
import { npmFilesOf, packTar, type TarEntry } from "./tar-archive.ts";

export interface SparkContent {
  readonly plan: PackagePlan;
  readonly bytes: ReadonlyMap<string, Uint8Array>;
  /** null: this Trimaran is installed as a package. */
  readonly tarball: TrimaranTarball | null;
}

/** `linux-x64` */
export const ownPlatform: string = `${process.platform}-${process.arch}`;

/** What only people and compilers read. */
const idle = /\.(?:map|d\.[cm]?ts|md|markdown)$/;

/** @throws PACKAGE_DEPENDENCY */
export async function sparkArchive({ plan, bytes, tarball }: SparkContent): Promise<Uint8Array> {
  const own: InstalledPackage = { name: "trimaran", folder: ownRoot, manifest: readManifest(ownRoot) };
  const beside = Object.keys(plan.packages).map((name) => findPackage(name, ownRoot));
  const entries: TarEntry[] = [{ name: "bin/node", bytes: () => readFileSync(process.execPath), isExecutable: true }];
  for (const [place, { folder }] of placedPackages([...beside, own])) {
    const isOwn = folder === ownRoot;
    const files = isOwn && tarball !== null ? npmFilesOf(tarball.bytes) : folderFiles(folder);
    entries.push(
      ...files.filter(({ name }) => !idle.test(name)).map((file) => ({ ...file, name: `${place}/${file.name}` })),
    );
  }
  for (const [path, key] of Object.entries(plan.files)) {
    entries.push({ name: `app/${path}`, bytes: () => bytes.get(key) ?? new Uint8Array(), isExecutable: false });
  }
  return packTar(entries);
}

/** As the archive lies where Spark has unpacked it. @throws PACKAGE_DEPENDENCY */
export async function sparkFolder({ plan, bytes }: Omit<SparkContent, "tarball">, folder: string): Promise<void> {
  const link = async (place: string, target: string): Promise<void> => {
    await mkdir(dirname(join(folder, place)), { recursive: true });
    await symlink(target, join(folder, place));
  };
  await link("bin/node", process.execPath);
  await link("node_modules/trimaran", ownRoot);
  for (const name of Object.keys(plan.packages)) await link(`node_modules/${name}`, findPackage(name, ownRoot).folder);
  for (const [path, key] of Object.entries(plan.files)) {
    const place = join(folder, "app", path);
    await mkdir(dirname(place), { recursive: true });
    await writeFile(place, bytes.get(key) ?? new Uint8Array());
  }
}

/** Without packages inside it: they have places of their own. */
function folderFiles(folder: string): readonly TarEntry[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !relative(folder, path).split(sep).includes("node_modules"))
    .map((path) => ({
      name: relative(folder, path).split(sep).join("/"),
      bytes: () => readFileSync(path),
      isExecutable: (statSync(path).mode & 0o100) !== 0,
    }));
}
