// compose.yaml: the image as one service, as tightly as it runs. YAML is written by hand: every text is a JSON string.
import type { PackagePlan } from "../package-plan.ts";
import { healthCommand } from "./dockerfile.ts";

/** Passed on from whoever starts it, when they are set there. */
export const passedThrough: readonly string[] = [
  "MODEL_URI",
  "RUN_ID",
  "MLFLOW_TRACKING_URI",
  "TRIMARAN_WORKERS",
  "TRIMARAN_LOG_LEVEL",
];

export function composeText({ image, port, grpcPort }: PackagePlan): string {
  return `# Written by \`trimaran package\`: docker compose up --build
services:
  ${JSON.stringify(image)}:
    build: .
    image: ${JSON.stringify(`${image}:v1`)}
    ports:
${[port, ...(grpcPort === null ? [] : [grpcPort])].map((each) => `      - ${JSON.stringify(`${each}:${each}`)}\n`).join("")}    environment:
${passedThrough.map((name) => `      - ${name}\n`).join("")}    read_only: true
    tmpfs:
      - /tmp
    cap_drop:
      - ALL
    security_opt:
      - no-new-privileges:true
    healthcheck:
      test: ${JSON.stringify(["CMD", ...healthCommand(port)])}
      interval: 10s
      timeout: 5s
      start_period: 30s
      retries: 3
    deploy:
      resources:
        limits:
          cpus: "2"
          memory: 1G
    # Longer than the service takes to finish what it is answering.
    stop_grace_period: 35s
    restart: unless-stopped
`;
}
