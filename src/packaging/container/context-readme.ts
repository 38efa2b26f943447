// README.md of a build context: how to build it, run it and ask it.
import type { PackagePlan } from "../package-plan.ts";
import { imageUser } from "./dockerfile.ts";

export function contextReadme(plan: PackagePlan, { compose }: { readonly compose: boolean }): string {
  const { image, port, name } = plan;
  return `# ${name}, as a container

\`\`\`bash
docker build -t ${image}:v1 .
docker run -it --rm -p ${port}:${port} ${image}:v1
\`\`\`
${asked(plan)}${compose ? "\nThe same with limits and a read-only root: `docker compose up --build`.\n" : ""}
## Settings

- The port: \`-e PORT=8080 -p 8080:8080\`, or \`TRIMARAN_PORT\`, which wins.
${plan.grpcPort === null ? "" : `- gRPC is spoken on port ${plan.grpcPort}: \`-p ${plan.grpcPort}:${plan.grpcPort}\`.\n`}- Every flag of \`trimaran serve\` is an environment variable too: \`-e TRIMARAN_WORKERS=2\`.
- Another model: \`-e MODEL_URI=…\`; \`RUN_ID\` and \`MLFLOW_TRACKING_URI\` are read as well.${plan.environment["MODEL_URI"] === undefined ? "" : " The image sets `MODEL_URI`: for `RUN_ID` give `-e MODEL_URI=` too."} A file has to be mounted.
- A read-only root works as it is: \`docker run --read-only --cap-drop=ALL -p ${port}:${port} ${image}:v1\`. What the service is told to
  keep it keeps below \`/app/.trimaran\`: mount a volume there that user ${imageUser} may write (or \`--tmpfs /app/.trimaran:uid=${imageUser}\`). It hides the
  model that was prepared while the image was built, which is then prepared anew.
- The process runs as user ${imageUser}, stops on SIGTERM when it has finished what it is answering, and says its health to Docker
  by \`GET /health/ready\`.

## Building

- The base is \`node:24-slim\`: \`--build-arg BASE_IMAGE=…\` takes another, \`--build-arg BASE_DIGEST=sha256:…\` pins it. The service itself
  needs Node alone: \`--build-arg RUNTIME_IMAGE=gcr.io/distroless/nodejs24-debian12\` makes a smaller image.
- The build fetches packages from the npm registry, the exact versions of \`package-lock.json\`.
- \`--build-arg COMPILE_CACHE=1\` keeps compiled code in the image: it starts faster, and no two builds are alike to the last byte.
- Same folder, same base, same layers: \`docker buildx build --build-arg SOURCE_DATE_EPOCH=0 --output type=image,rewrite-timestamp=true .\`,
  or \`buildah build --timestamp 0 .\`
`;
}

function asked({ sample, port }: PackagePlan): string {
  if (sample === null) return "";
  return `
\`\`\`bash
curl -X POST http://localhost:${port}/predict -H "Content-Type: application/json" -d ${shellQuoted(sample.body)}
\`\`\`

answers \`${sample.answer}\`.
`;
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
