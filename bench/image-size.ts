// What the image of the worked example takes on disk, beside a Python image with the same model.
//
//   npm run bench -- image-size [--json]
//
// Ours: Node's binary and the packages that `trimaran package` writes down, installed and left out as in the image. Python's: the
// interpreter with its standard library (without tests and caches), and the site-packages of Flask, Gunicorn and scikit-learn in
// the versions that wrote the model. Neither side counts the operating system below, which is the same.
import { execFileSync } from "node:child_process";
import { cpSync, globSync, lstatSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { makePythonEnvironment } from "../scripts/python-environment.ts";
import { root } from "../scripts/stage.ts";
import { prune } from "../src/cli/image/prune.ts";
import { linearPins } from "./peers/environments.ts";
import { type Outcome, outcomeText } from "./serve/outcome.ts";

const { values: flags } = parseArgs({
  // It has no shorter form: --quick changes nothing.
  options: { json: { type: "boolean", default: false }, quick: { type: "boolean", default: false } },
});
const scratch = mkdtempSync(join(tmpdir(), "trimaran-image-size-"));
try {
  const context = join(scratch, "context");
  const package_ = [join(root, "bin/trimaran"), "package", join(root, "examples/ride-duration"), "--for", "docker"];
  execFileSync(process.execPath, [...package_, "--out", context], { stdio: ["ignore", "ignore", "inherit"] });
  const app = join(scratch, "app");
  cpSync(context, app, { recursive: true });
  const install = ["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"];
  execFileSync("npm", install, { cwd: app, stdio: ["ignore", "ignore", "inherit"] });
  const whole = bytesBelow(join(app, "node_modules"));
  prune(join(app, "node_modules"));
  const packages = bytesBelow(join(app, "node_modules"));
  const model = lstatSync(join(root, "examples/ride-duration/lin_reg.bin")).size;
  const node = lstatSync(process.execPath).size;

  const python = await makePythonEnvironment(linearPins);
  const [prefix = "", stdlib = "", site = ""] = JSON.parse(
    execFileSync(python, [
      "-c",
      "import json,sys,sysconfig as s; print(json.dumps([sys.base_prefix, s.get_path('stdlib'), s.get_path('purelib')]))",
    ]).toString(),
  ) as string[];
  const version = linearPins.python;
  const interpreter = bytesBelow(
    stdlib,
    /\/(test|tests|idlelib|site-packages|dist-packages|__pycache__|config-[^/]+)(\/|$)/,
  );
  const shared = globSync([`bin/python${version}`, `lib/libpython${version}*.so*`, `lib/*/libpython${version}*.so*`], {
    cwd: prefix,
  });
  const binaries = shared.reduce((sum, name) => sum + lstatSync(join(prefix, name)).size, 0);
  const sitePackages = bytesBelow(site, /\/(pip|pip-[^/]+|__pycache__)(\/|$)/);

  const ours = node + packages + model;
  const theirs = binaries + interpreter + sitePackages + model;
  const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
  const outcome: Outcome = {
    title: "size on disk, without the operating system below",
    rows: [
      ["", "trimaran", "Flask + Gunicorn + scikit-learn"],
      ["runtime", mb(node), mb(binaries + interpreter)],
      ["packages", mb(packages), mb(sitePackages)],
      ["model", mb(model), mb(model)],
      ["all", mb(ours), mb(theirs)],
      ["ratio", (ours / theirs).toFixed(2), "1"],
      ["without the runtime", (packages / sitePackages).toFixed(3), "1"],
    ],
    notes: [`packages before what is never run was left out: ${mb(whole)}`],
    data: { ours, theirs, node, packages, sitePackages },
    targets: [],
  };
  console.log(flags.json ? JSON.stringify(outcome) : outcomeText(outcome));
} finally {
  rmSync(scratch, { recursive: true });
}

function bytesBelow(folder: string, without = /^$/): number {
  let sum = 0;
  for (const entry of globSync("**", { cwd: folder, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile() && !without.test(path.slice(folder.length))) sum += lstatSync(path).size;
  }
  return sum;
}
