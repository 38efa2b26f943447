// The Dockerfile of a build context. Two stages: one installs, verifies and prepares as root, the other only copies the
// result, so that an image holds no cache of npm and no file of a build. Everything in exec form: the base needs no shell.
import type { PackagePlan } from "../package-plan.ts";

/** Nobody's user: images of Node and of distroless have no such account, and Kubernetes' `runAsNonRoot` asks for a number. */
export const imageUser = 10_001;
const trimaran = "/app/node_modules/trimaran";
/** Asks the service inside for its health; no shell, no curl. */
export const healthCommand: (port: number) => readonly string[] = (port) => [
  "node",
  `${trimaran}/dist/cli/image/health.js`,
  String(port),
];

export function dockerfile(plan: PackagePlan): string {
  const { tarball } = plan.trimaran;
  const serve = ["serve", isUri(plan.target) ? plan.target : `/app/deployment/${plan.target}`, ...plan.serveArguments];
  const grpc = plan.grpcPort === null ? [] : ["--grpc-port", String(plan.grpcPort)];
  const command = [...serve, ...grpc, "--host", "0.0.0.0"];
  const environment = {
    // Distroless keeps Node in a place of its own.
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/nodejs/bin",
    NODE_ENV: "production",
    NODE_COMPILE_CACHE: "/app/.cache/compile",
    TRIMARAN_HOME: "/app/.trimaran",
    ...plan.environment,
  };
  const assignments = Object.entries(environment).map(([name, value]) => `${name}=${quoted(value)}`);
  const prepare = [`${trimaran}/dist/cli/image/prepare.js`, String(imageUser), ...(plan.isWhole ? serve : [])];
  return `# Written by \`trimaran package\`; README.md beside this file says how to build and run it.

# Any image with Node 24 or newer and npm. To pin it: --build-arg BASE_DIGEST=sha256:…
ARG BASE_IMAGE=node:24-slim
ARG BASE_DIGEST=
# What the service runs on; Node alone is enough, so a smaller image may stand here.
ARG RUNTIME_IMAGE=\${BASE_IMAGE}\${BASE_DIGEST:+@\${BASE_DIGEST}}

FROM \${BASE_IMAGE}\${BASE_DIGEST:+@\${BASE_DIGEST}} AS build
# Times of all files in the image, in seconds since 1970.
ARG SOURCE_DATE_EPOCH=0
# 1 keeps compiled code in the image: it starts faster, but no two builds are alike to the last byte.
ARG COMPILE_CACHE=0
ENV ${assignments.join(" \\\n    ")}
WORKDIR /app
COPY ${["package.json", "package-lock.json", ...(tarball === null ? [] : [tarball])].join(" ")} /app/
RUN ["npm", "ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--cache=/tmp/npm"]
${Object.keys(plan.files).length === 0 ? "" : "COPY app /app/deployment\n"}# Leaves out what is never run${plan.isWhole ? ", checks the model against the definition, keeps it prepared" : ""}, and gives files one owner and one time.
RUN ${execForm(["node", ...prepare])}

FROM \${RUNTIME_IMAGE}
${labels(plan)}
ENV ${assignments.join(" \\\n    ")}
WORKDIR /app
COPY --from=build /app /app
USER ${imageUser}:${imageUser}
EXPOSE ${[plan.port, ...(plan.grpcPort === null ? [] : [plan.grpcPort])].join(" ")}
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \\
  CMD ${execForm(healthCommand(plan.port))}
ENTRYPOINT ${execForm(["node", `${trimaran}/bin/trimaran`])}
CMD ${execForm(command)}
`;
}

/** Nothing but what the image is made of is sent to the builder, whatever else somebody puts into the folder. */
export function dockerignore({ trimaran: { tarball } }: PackagePlan): string {
  const kept = ["app", "package.json", "package-lock.json", ...(tarball === null ? [] : [tarball])];
  return `*\n${kept.map((name) => `!${name}\n`).join("")}`;
}

function labels({ name, about, model, definitionDigest, trimaran: { version } }: PackagePlan): string {
  const entries: readonly (readonly [string, string | null])[] = [
    ["org.opencontainers.image.title", name],
    ["org.opencontainers.image.description", about],
    ["org.opencontainers.image.version", model.version],
    ["io.trimaran.version", version],
    ["io.trimaran.model.digest", model.digest],
    ["io.trimaran.definition.digest", definitionDigest],
  ];
  const shown = entries.flatMap(([key, value]) => (value === null || value === "" ? [] : [`${key}=${quoted(value)}`]));
  return `LABEL ${shown.join(" \\\n      ")}`;
}

/** In ENV and LABEL a `$` names a build argument. */
function quoted(text: string): string {
  return `"${onOneLine(text).replace(/["\\$]/g, "\\$&")}"`;
}

function execForm(words: readonly string[]): string {
  return `[${words.map((word) => JSON.stringify(word)).join(", ")}]`;
}

function onOneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, " ");
}

function isUri(target: string): boolean {
  return /^[a-z][a-z0-9+.-]+:/i.test(target);
}
