// A target of the command line → the plan of a folder, with the bytes that go into it. The target is opened and verified first.
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { findDefinition, openDefinition } from "../../deployment/open-definition.ts";
import { singleUri } from "../../deployment/resolve-model-uri.ts";
import type { OpenedDefinition } from "../../deployment/resolved-deployment.ts";
import { sampleRequest } from "../../doors/web/sample-request.ts";
import { splitMembers } from "../../loaders/split-members.ts";
import type { PackagePlan, ScoreSchedule } from "../../packaging/package-plan.ts";
import { type OpenServiceOptions, openDeploymentService, openService } from "../../serving/open-service.ts";
import type { PredictionService } from "../../serving/prediction-service.ts";
import { settleTarget } from "../../serving/slot/expand-target.ts";
import { collectDefinition, collectModel, type TargetAsked } from "./collect-target.ts";
import {
  findPackage,
  type InstalledPackage,
  lockedPackages,
  platformPackages,
  readLockFacts,
  readManifest,
} from "./dependency-tree.ts";
import { ownRoot, type TrimaranTarball } from "./pack-trimaran.ts";

export interface CollectOptions {
  readonly service: OpenServiceOptions;
  /** The image's name; null makes one. */
  readonly image: string | null;
  readonly grpcPort: number | null;
  /** Null: from the registry. */
  readonly tarball: TrimaranTarball | null;
  /** What is scored on a schedule. @default nothing */
  readonly score?: ScoreSchedule | null;
}

export interface CollectedPlan {
  readonly plan: PackagePlan;
  /** By the keys that the plan uses. */
  readonly bytes: ReadonlyMap<string, Uint8Array>;
}

/** @throws every code of opening a target; PACKAGE_DEPENDENCY, PACKAGE_SECRET */
export async function collectPlan(target: string, options: CollectOptions): Promise<CollectedPlan> {
  const { model, members = [], env = {}, maxModelBytes } = options.service;
  const { place, name, version, folder } = await settleTarget({ target, model, members });
  const isModel = splitMembers(place).members.length > 0 || /^(?!file:)[a-z][a-z0-9+.-]+:/i.test(place);
  const file = isModel ? null : await findDefinition(place);
  const opened = file === null ? null : await openDefinition(file);
  const asked: TargetAsked = {
    model,
    members,
    env,
    maxBytes: maxModelBytes,
    name: name ?? opened?.definition.name ?? "model",
    versions: folder === null || name === null || version === null ? null : { folder: name, version },
  };
  const files =
    opened === null ? await collectModel(modelOf(place, model), asked) : await collectDefinition(opened, asked);
  const face = files.isWhole ? await openFace(place, opened, options.service) : remoteFace(opened, place);
  const { contents, ...layout } = files;
  const bytes = new Map<string, Uint8Array>();
  const keys: Record<string, string> = {};
  for (const [path, content] of [...contents].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const key = createHash("sha256").update(content).digest("hex");
    bytes.set(key, content);
    keys[path] = key;
  }
  const { score = null } = options;
  const npm = npmPlan(opened, { tarball: options.tarball, readsTables: score !== null });
  if (npm.trimaran.tarball !== null && options.tarball !== null) bytes.set(npm.trimaran.tarball, options.tarball.bytes);
  const serviceName = name ?? face.name;
  const first = Object.keys(opened?.definition.output ?? {})[0];
  const plan: PackagePlan = {
    ...layout,
    ...npm,
    files: keys,
    name: serviceName,
    image: options.image ?? imageName(first ?? serviceName),
    about: opened?.definition.description ?? "",
    port: opened?.definition.web?.port || 9696,
    grpcPort: options.grpcPort,
    model: { digest: face.digest, version: version ?? face.version },
    definitionDigest: opened?.digest ?? null,
    sample: face.sample,
    ...(score === null ? {} : { score: { ...score, place: score.place || `/opt/${serviceName}` } }),
  };
  return { plan, bytes };
}

interface Face {
  readonly name: string;
  readonly digest: string | null;
  readonly version: string | null;
  readonly sample: PackagePlan["sample"];
}

async function openFace(place: string, opened: OpenedDefinition | null, options: OpenServiceOptions): Promise<Face> {
  const service: PredictionService =
    opened === null ? await openService(place, options) : await openDeploymentService(opened, options);
  try {
    const { name, model } = service;
    return { name, digest: model.digest, version: model.version, sample: await sampleRequest(service) };
  } finally {
    await service.close();
  }
}

/** What is behind a URI is asked by whoever runs the container. */
function remoteFace(opened: OpenedDefinition | null, place: string): Face {
  const name = opened?.definition.name ?? /\/models\/([^/?#]+)/.exec(place)?.[1] ?? "model";
  return { name, digest: null, version: null, sample: null };
}

function modelOf(place: string, model: OpenServiceOptions["model"]): string {
  const uri = singleUri(model ?? place);
  return typeof uri === "string" ? uri : place;
}

function npmPlan(
  opened: OpenedDefinition | null,
  { tarball, readsTables }: { readonly tarball: TrimaranTarball | null; readonly readsTables: boolean },
): Pick<PackagePlan, "trimaran" | "packages" | "locked"> {
  const manifest = readManifest(ownRoot);
  const { version } = manifest;
  // What only reads tables is 70 MB that no service needs.
  const { optionalDependencies: _, ...needed } = manifest;
  const own: InstalledPackage = { name: "trimaran", folder: ownRoot, manifest: readsTables ? manifest : needed };
  const beside = (opened?.packages ?? [])
    .filter(({ name }) => name !== "trimaran")
    .map(({ name, importer }) => findPackage(name, dirname(importer)));
  const runtime = loadedOnnxRuntime();
  if (runtime !== null) beside.push(runtime);
  const file = tarball === null ? null : `trimaran-${version}.tgz`;
  const facts = readLockFacts(ownRoot);
  const locked = lockedPackages([...beside, own], (name, wanted) => {
    if (name !== "trimaran" || tarball === null) return facts(name, wanted);
    return { resolved: `file:${file}`, integrity: tarball.integrity };
  });
  const engine = locked["node_modules/@duckdb/node-bindings"];
  const platforms = engine === undefined ? {} : platformPackages(ownRoot, "@duckdb/node-bindings", engine.version);
  const packages = Object.fromEntries(beside.map(({ name, manifest: { version: exact } }) => [name, exact]));
  return { trimaran: { version, tarball: file }, packages, locked: { ...platforms, ...locked } };
}

/** The optional peer, when opening the model has needed it. */
function loadedOnnxRuntime(): InstalledPackage | null {
  const loaded = Object.keys(createRequire(import.meta.url).cache).find((path) =>
    /[\\/]node_modules[\\/]onnxruntime-node[\\/]/.test(path),
  );
  return loaded === undefined
    ? null
    : findPackage("onnxruntime-node", loaded.replace(/[\\/]node_modules[\\/]onnxruntime-node[\\/].*$/, ""));
}

/** Of the parts that names of images are made of: lower case, digits, single dashes. */
function imageName(subject: string): string {
  const clean = subject
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-+|-+$/g, "");
  return clean === "" ? "prediction-service" : `${clean}-prediction-service`;
}
