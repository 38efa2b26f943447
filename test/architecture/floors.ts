// The floors of the house as data: which folder of src/ stands on which floor, and what only some of them may do.
// docs/architecture.md shows the same picture, and a test holds the two equal.

/** Ground floor first. A folder imports only folders of lower floors; two folders of one floor never see each other. */
export const floors: readonly (readonly string[])[] = [
  ["base"],
  ["data", "formats/archive"],
  ["formats/pickle", "model", "io"],
  [
    "formats/numpy",
    "formats/boosters",
    "formats/onnx",
    "formats/oip",
    "formats/sql",
    "formats/graph",
    "engine",
    "mlflow",
    "tables",
  ],
  ["formats/sklearn", "tracking"],
  ["formats/read", "deployment", "feedback"],
  ["loaders"],
  ["serving", "train", "packaging"],
  ["doors/web", "doors/batch", "doors/stream", "lifecycle", "cost"],
  ["cli", "index.ts", "browser.ts", "lambda.ts"],
];

/** What a browser, a worker or an edge host runs: no `node:` module, and no package but those named here. */
export const predictionPath: Readonly<Record<string, readonly string[]>> = {
  base: [],
  data: [],
  model: [],
  engine: [],
  "formats/archive": ["fflate", "fzstd"],
  "formats/pickle": [],
  "formats/numpy": [],
  "formats/boosters": [],
  "formats/onnx": [],
  "formats/oip": [],
  "formats/sql": [],
  "formats/graph": [],
  "formats/sklearn": [],
  "formats/read": ["yaml"],
  "browser.ts": [],
};

/** Folders that import nothing outside of themselves: they have a tsconfig of their own. */
export const closedFolders: readonly string[] = ["engine/kernels"];

export const maxFileLines = 400;
export const maxReadmeLines = 15;
/** Names that say nothing about what is inside. */
export const emptyNames: readonly string[] = ["utils", "util", "helpers", "helper", "common", "types", "misc"];

/** The floor of each folder and entry. */
export const floorOf: ReadonlyMap<string, number> = new Map(
  floors.flatMap((folders, floor) => folders.map((folder) => [folder, floor] as const)),
);

/** The folder of the table that a path below src/ lies in; undefined when it lies in none. */
export function folderOf(path: string): string | undefined {
  if (floorOf.has(path)) return path;
  const [first = "", second = ""] = path.split("/");
  return [first, `${first}/${second}`].find((folder) => floorOf.has(folder) && path.startsWith(`${folder}/`));
}
