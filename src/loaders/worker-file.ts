// The files that worker threads run lie beside the loader: as TypeScript in a clone, as JavaScript in the package.

export function workerFile(name: string): URL {
  const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
  return new URL(`./${name}.${extension}`, import.meta.url);
}
