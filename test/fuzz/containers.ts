// The small real models that are damaged, a few of every container that stands in the recorded goldens, and how damage gets
// past a container's own checksums: what is inside is damaged and packed again.
import { globSync, readFileSync, statSync } from "node:fs";
import { extname } from "node:path";
import { deflateSync, gzipSync } from "node:zlib";
import { decompress } from "../../src/formats/archive/decompress.ts";
import { sniffArchive } from "../../src/formats/archive/sniff.ts";
import { openZip } from "../../src/formats/archive/zip.ts";
import { makeZip } from "../formats/archive/zip-maker.ts";
import type { Choose, Mutation } from "./mutate.ts";

export interface Container {
  /** `joblib+xz`, `skops`, `ubj`, … */
  readonly name: string;
  readonly files: readonly Uint8Array[];
}

const golden = new URL("../golden/", import.meta.url).pathname;
const perContainer = 24;

/** By extension and compression, each with its smallest files and some of middle size. */
export function recordedContainers(): readonly Container[] {
  const paths = ["sklearn", "boosters"].flatMap((library) => globSync(`${golden}${library}/recorded/*/*`));
  const models = paths.filter((path) => !path.endsWith(".json.gz") && statSync(path).isFile());
  const groups = Map.groupBy(models, containerOf);
  return [...groups]
    .map(([name, group]) => {
      const sorted = group
        .map((path) => ({ path, size: statSync(path).size }))
        .sort((a, b) => a.size - b.size || (a.path < b.path ? -1 : 1));
      const step = Math.max(1, Math.floor((sorted.length * 0.6) / perContainer));
      const chosen = Array.from({ length: perContainer }, (_, index) => sorted[index * step]).filter(
        (file) => file !== undefined,
      );
      return { name, files: chosen.filter(({ size }) => size < 60_000).map(({ path }) => read(path)) };
    })
    .filter(({ files }) => files.length > 0)
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

function containerOf(path: string): string {
  const extension = extname(path).slice(1);
  if (extension !== "joblib" && extension !== "pkl") return extension;
  const kind = sniffArchive(read(path).subarray(0, 64));
  return kind === null ? extension : `${extension}+${kind}`;
}

function read(path: string): Uint8Array {
  return new Uint8Array(readFileSync(path));
}

/** Damages what is inside: a compressed stream's content, a zip's member, or the bytes themselves. */
export function mutateInside(
  bytes: Uint8Array,
  mutation: Mutation,
  { choose, other }: { choose: Choose; other: Uint8Array },
): Uint8Array {
  const kind = sniffArchive(bytes);
  if (kind === null || kind === "legacy-joblib") return mutation(bytes, choose, other);
  if (kind !== "zip") {
    const content = decompress(kind, bytes, { name: "sound", maxBytes: 1 << 24 });
    const damaged = mutation(content, choose, other);
    return new Uint8Array(choose(2) === 0 ? gzipSync(damaged) : deflateSync(damaged));
  }
  const zip = openZip(bytes, { name: "sound", maxBytes: 1 << 24 });
  const damaged = choose(zip.members.length);
  return makeZip(
    zip.members.map(({ name }, index) => {
      const content = zip.read(name);
      return { name, content: index === damaged ? mutation(content, choose, other) : content };
    }),
  );
}
