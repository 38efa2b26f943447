// The Dockerfile of a function: on AWS's own base image, which holds Node, the runtime's client and, for this machine, the
// emulator that answers on port 8080.
import type { PackagePlan } from "../package-plan.ts";

export const lambdaDockerfileName = "lambda.Dockerfile";

export function lambdaDockerfile(plan: PackagePlan): string {
  const { tarball } = plan.trimaran;
  const sources = ["package.json", "package-lock.json", ...(tarball === null ? [] : [tarball])].join(" ");
  const app = Object.keys(plan.files).length === 0 ? "" : "COPY app /var/task/app\n";
  return `# Written by \`trimaran package --for lambda\`; LAMBDA.md beside this file says how to build and run it.
ARG BASE_IMAGE=public.ecr.aws/lambda/nodejs:24

FROM \${BASE_IMAGE} AS build
WORKDIR /var/task
COPY ${sources} /var/task/
RUN ["npm", "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--cache=/tmp/npm"]

FROM \${BASE_IMAGE}
ENV NODE_ENV=production
COPY --from=build /var/task/node_modules /var/task/node_modules
COPY package.json handler.mjs /var/task/
${app}CMD ["handler.handler"]
`;
}

export function lambdaDockerignore({ trimaran: { tarball } }: PackagePlan): string {
  const kept = ["app", "handler.mjs", "package.json", "package-lock.json", ...(tarball === null ? [] : [tarball])];
  return `*\n${kept.map((name) => `!${name}\n`).join("")}`;
}
