// The files that our processes run lie here: as TypeScript in a clone, as JavaScript in the package.

export function processFile(name: "worker" | "preparer"): URL {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`./${name}-main.${extension}`, import.meta.url);
}
