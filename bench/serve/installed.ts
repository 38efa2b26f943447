// The package as a user has it: packed, and installed by npm into a folder.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "../../scripts/stage.ts";
import { outputOf } from "./processes.ts";

/** The installed program. */
export async function installTarball(folder: string): Promise<string> {
  await outputOf(["npm", "pack", "--silent", "--pack-destination", folder], root);
  const tarball = readdirSync(folder).find((name) => name.endsWith(".tgz"));
  if (tarball === undefined) throw new Error("npm pack made no tarball");
  const install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", folder, join(folder, tarball)];
  await outputOf(install, folder);
  return join(folder, "node_modules", "trimaran", "bin", "trimaran");
}
