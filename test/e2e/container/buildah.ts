// Images without a Docker engine: buildah with a storage of its own in the test cache, and a base image made of what is here.
import { execFileSync, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { testCache } from "../../../scripts/python-environment.ts";
import { root } from "../spawn-cli.ts";

const storage = join(testCache(), "container");
const node = join(root, "node_modules/node/bin/node");

/** Why images cannot be built here; null when they can. */
export function whyNot(): string | null {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "images are built by root on Linux";
  if (spawnSync("buildah", ["--version"]).status !== 0) return "buildah is not installed";
  if (spawnSync("unshare", ["-m", "true"]).status !== 0) return "there are no mount namespaces here";
  if (npmFolder() === undefined) return "npm is not where it is looked for";
  return existsSync(node) ? null : "node_modules/node holds no Node";
}

export function buildah(...args: readonly string[]): string {
  mkdirSync(storage, { recursive: true });
  const places = ["--storage-driver", "vfs", "--root", join(storage, "root"), "--runroot", join(storage, "run")];
  const env = { ...process.env, BUILDAH_ISOLATION: "chroot" };
  const { status, stdout, stderr } = spawnSync("buildah", [...places, ...args], {
    env,
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`buildah ${args.join(" ")}\n${stdout}\n${stderr}`);
  return stdout.trim();
}

/** `localhost/trimaran-base`: Node, npm, a C library, certificates, and no shell. */
export function makeBase(): string {
  const folder = mkdtempSync(join(testCache(), "container-base-"));
  try {
    const base = join(folder, "base");
    for (const name of ["tmp", "proc", "dev", "etc", "root", "usr/local/lib/node_modules"]) {
      mkdirSync(join(base, name), { recursive: true });
      writeFileSync(join(base, name, ".keep"), "");
    }
    const copy = (from: string, to: string): void => {
      if (existsSync(join(base, to))) return;
      mkdirSync(dirname(join(base, to)), { recursive: true });
      cpSync(from, join(base, to), { recursive: true, dereference: true });
    };
    copy(node, "usr/local/bin/node");
    copy("/usr/bin/env", "usr/bin/env");
    copy(npmFolder() ?? "", "usr/local/lib/node_modules/npm");
    symlinkSync("../lib/node_modules/npm/bin/npm-cli.js", join(base, "usr/local/bin/npm"));
    for (const program of [node, "/usr/bin/env"]) for (const library of librariesOf(program)) copy(library, library);
    const names = execFileSync("ldconfig", ["-p"], { encoding: "utf8" });
    for (const name of ["libnss_dns.so.2", "libnss_files.so.2", "libresolv.so.2"]) {
      const place = new RegExp(`${name.replaceAll(".", "\\.")} .* => (\\S+)`).exec(names)?.[1];
      if (place !== undefined) copy(place, place);
    }
    const certificates = "/etc/ssl/certs/ca-certificates.crt";
    if (existsSync(certificates)) copy(certificates, certificates);
    const env = `ENV PATH=/usr/local/bin:/usr/bin NODE_EXTRA_CA_CERTS=${certificates}`;
    writeFileSync(join(folder, "Dockerfile"), `FROM scratch\nCOPY base/ /\n${env}\n`);
    buildah("build", "--timestamp", "0", "--layers", "--tag", "trimaran-base", folder);
    return "localhost/trimaran-base";
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function librariesOf(program: string): readonly string[] {
  const text = execFileSync("ldd", [program], { encoding: "utf8" });
  return [...text.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map((match) => match[1] ?? "");
}

function npmFolder(): string | undefined {
  return ["/usr/lib/node_modules/npm", "/usr/local/lib/node_modules/npm", "/usr/share/nodejs/npm"].find((place) =>
    existsSync(place),
  );
}
