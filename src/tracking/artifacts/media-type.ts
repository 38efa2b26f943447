// The media type of a file by its name, for clients that show artifacts. Always sent as an attachment.
const types: ReadonlyMap<string, string> = new Map([
  ["txt", "text/plain"],
  ["log", "text/plain"],
  ["md", "text/plain"],
  ["yaml", "text/plain"],
  ["yml", "text/plain"],
  ["py", "text/plain"],
  ["html", "text/html"],
  ["htm", "text/html"],
  ["css", "text/css"],
  ["csv", "text/csv"],
  ["json", "application/json"],
  ["geojson", "application/json"],
  ["pdf", "application/pdf"],
  ["png", "image/png"],
  ["jpg", "image/jpeg"],
  ["jpeg", "image/jpeg"],
  ["gif", "image/gif"],
  ["svg", "image/svg+xml"],
  ["webp", "image/webp"],
]);

export function mediaTypeOf(name: string): string {
  // MLmodel is YAML.
  if (name === "MLmodel" || name === "MLproject") return "text/plain";
  const extension = /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? "";
  return types.get(extension) ?? "application/octet-stream";
}
