// The models that the bench makes with the real libraries, kept in the test cache, and the rides that the worked example is asked.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { testCache } from "../../scripts/python-environment.ts";
import { readModel } from "../../src/formats/read/read-model.ts";
import { randomFrom } from "../kernels/synthetic-forest.ts";

const run = promisify(execFile);
const makers = {
  usual: fileURLToPath(new URL("../peers/make_models.py", import.meta.url)),
  large: fileURLToPath(new URL("../peers/make_models.py", import.meta.url)),
  categories: fileURLToPath(new URL("../peers/make_category_models.py", import.meta.url)),
};

/** The folder with the models; `large` has the 200 MB file alone. Made once for each Python and maker. */
export async function madeModels(python: string, what: keyof typeof makers): Promise<string> {
  const maker = makers[what];
  const key = createHash("sha256").update(readFileSync(maker)).update(python).digest("hex").slice(0, 16);
  const place = join(testCache(), "bench-models", `${key}-${what}`);
  if (existsSync(place)) return place;
  mkdirSync(join(place, ".."), { recursive: true });
  const scratch = mkdtempSync(`${place}.making-`);
  try {
    await run(python, [maker, scratch, ...(what === "large" ? ["large"] : [])], { maxBuffer: 1 << 26 });
    renameSync(scratch, place);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return place;
}

/** The feature of the worked example's models that holds the pair of zones. */
const pairKey = "PU_DO";

/** Writes `count` feature rows: pairs that the model knows and, one in twenty, pairs that it does not. */
export function writeRides(file: string, options: { readonly model: string; readonly count: number }): void {
  const { graph } = readModel([{ kind: "file", name: options.model, bytes: readFileSync(options.model) }]);
  const features = graph.input.kind === "records" ? graph.input.features : [];
  const pairs = features.find((feature) => feature.name === pairKey)?.categories ?? [];
  if (pairs.length === 0) throw new TypeError(`${options.model} knows no pairs of zones`);
  const random = randomFrom(7);
  const lines: string[] = [];
  for (let row = 0; row < options.count; row++) {
    const known = random() >= 0.05;
    const pair = known ? pairs[Math.floor(random() * pairs.length)] : `${Math.floor(random() * 265) + 1}_unseen`;
    const distance = Math.round(-300 * Math.log(1 - random())) / 100;
    lines.push(JSON.stringify({ [pairKey]: pair, trip_distance: distance }));
  }
  writeFileSync(file, `${lines.join("\n")}\n`);
}
