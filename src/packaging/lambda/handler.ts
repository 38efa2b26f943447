// `handler.mjs`: what Lambda calls. Everything that it names lies beside it.
import type { PackagePlan } from "../package-plan.ts";

/** Where the image of the web service keeps the deployment; here it lies beside the handler. */
const imageFolder = "/app/deployment/";

export function handlerText({ target, serveArguments, environment }: PackagePlan): string {
  const options = [`  target: ${placeText(target)},`];
  const models = argumentsOf(serveArguments, "--model").map((text) => {
    const [, name = "", uri = ""] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
    return `${JSON.stringify(name)}: ${placeText(uri)}`;
  });
  if (models.length > 0) options.push(`  model: { ${models.join(", ")} },`);
  const members = argumentsOf(serveArguments, "--member").flatMap((text) => text.split(","));
  if (members.length > 0) options.push(`  members: ${JSON.stringify(members)},`);
  const model = environment["MODEL_URI"];
  if (model !== undefined) options.push(`  env: { MODEL_LOCATION: ${placeText(model)}, ...process.env },`);
  return `// Written by \`trimaran package --for lambda\`. The model is opened once a container; each event of a Kinesis stream is one call.
import { fileURLToPath } from "node:url";
import { lambdaHandler } from "trimaran/lambda";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));

export const handler = lambdaHandler({
${options.join("\n")}
});
`;
}

function argumentsOf(words: readonly string[], flag: string): readonly string[] {
  return words.flatMap((word, index) => (words[index - 1] === flag ? [word] : []));
}

/** A path below `app/`, or a URI, as JavaScript. Members stand behind a `#`, which a URL would cut off. */
function placeText(place: string): string {
  const path = place.startsWith(imageFolder) ? place.slice(imageFolder.length) : place;
  if (path === place && /^[a-z][a-z0-9+.-]+:/i.test(place)) return JSON.stringify(place);
  const [file = "", ...members] = path.split("#");
  const below = `here(${JSON.stringify(`./app/${file.split("/").map(encodeURIComponent).join("/")}`)})`;
  return members.length === 0 ? below : `${below} + ${JSON.stringify(`#${members.join("#")}`)}`;
}
