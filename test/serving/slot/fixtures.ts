// What the slot's tests share: the worked example's model with other intercepts, in folders of their own, and catalogs over them.
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { prepareTarget } from "../../../src/serving/slot/prepare-target.ts";
import { openSlotCatalog, type SlotCatalog, type SlotCatalogOptions } from "../../../src/serving/slot/slot-catalog.ts";
import type { SlotEvent } from "../../../src/serving/slot/slot-event.ts";
import type { TargetPlan, TargetRequest } from "../../../src/serving/slot/target-plan.ts";

const example = fileURLToPath(new URL("../../../examples/ride-duration/", import.meta.url));

export const ride = { PULocationID: 130, DOLocationID: 205, trip_distance: 3.66 };
/** The same ride as the model takes it. */
export const features = { PU_DO: "130_205", trip_distance: 3.66 };

/** The model whose every answer is `minutes` more than the example's: its intercept is moved. */
export async function rideModel(minutes = 0): Promise<Uint8Array> {
  const bytes = await readFile(join(example, "lin_reg.bin"));
  const at = bytes.indexOf("C\x08", bytes.indexOf("intercept_"), "latin1") + 2;
  bytes.writeDoubleLE(bytes.readDoubleLE(at) + minutes, at);
  return bytes;
}

export interface Folder extends AsyncDisposable {
  readonly path: string;
  at(name: string): string;
  write(name: string, content: string | Uint8Array): Promise<string>;
}

export async function folder(): Promise<Folder> {
  const path = await mkdtemp(join(tmpdir(), "trimaran-slot-"));
  return {
    path,
    at: (name) => join(path, name),
    async write(name, content) {
      const file = join(path, name);
      await mkdir(join(file, ".."), { recursive: true });
      await writeFile(file, content);
      return file;
    },
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

/** The worked example, copied, with a model of its own. */
export async function rideFolder(minutes = 0): Promise<Folder> {
  const made = await folder();
  await cp(join(example, "deployment.ts"), made.at("deployment.ts"));
  // Its examples were recorded for the example's own model.
  const text = await readFile(made.at("deployment.ts"), "utf8");
  await made.write("deployment.ts", text.replaceAll(/, output: \{ duration: [\d.]+ \} \}/g, " }"));
  await made.write("lin_reg.bin", await rideModel(minutes));
  return made;
}

export interface Opened extends AsyncDisposable {
  readonly catalog: SlotCatalog;
  readonly events: SlotEvent[];
  readonly kinds: () => readonly string[];
}

export async function openCatalog(
  requests: readonly (TargetRequest | TargetPlan)[],
  options: SlotCatalogOptions = {},
): Promise<Opened> {
  const plans: TargetPlan[] = [];
  for (const request of requests) plans.push("request" in request ? request : await prepareTarget(request));
  const events: SlotEvent[] = [];
  const catalog = await openSlotCatalog(plans, {
    warm: { rows: 2 },
    onEvent: (event) => events.push(event),
    ...options,
  });
  return {
    catalog,
    events,
    kinds: () => events.map(({ kind, version }) => `${kind} ${version}`),
    [Symbol.asyncDispose]: () => catalog.close(),
  };
}

/** What happened has been told once every version that left is freed. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
