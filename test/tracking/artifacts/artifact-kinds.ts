// A tracking server over each kind of artifact store: a folder, and a bucket of a real S3-compatible server.
import type { TrackingOptions } from "../../../src/tracking/open-tracking.ts";
import { s3Gateway, skipS3 } from "../../io/blobs/s3-gateway.ts";
import { type TestServer, trackingServer } from "../tracking-server.ts";

export interface ArtifactKind {
  readonly name: string;
  readonly skip: string | false;
  readonly open: (options?: Partial<TrackingOptions>) => Promise<TestServer>;
}

export const artifactKinds: readonly ArtifactKind[] = [
  { name: "a folder", skip: false, open: trackingServer },
  {
    name: "S3",
    skip: skipS3,
    open: async (options = {}) => {
      const gateway = await s3Gateway();
      const env = { ...gateway.env, ...options.env };
      const server = await trackingServer({ ...options, artifactsDestination: "s3://artifacts/mlflow", env });
      return {
        ...server,
        [Symbol.asyncDispose]: async () => {
          await server[Symbol.asyncDispose]();
          await gateway[Symbol.asyncDispose]();
        },
      };
    },
  },
];

export const proxy = "/api/2.0/mlflow-artifacts/artifacts";
export const api = "/api/2.0/mlflow";

/** Its ID. */
export async function newRun(server: TestServer): Promise<string> {
  const { json } = await server.ask("POST", `${api}/runs/create`, { experiment_id: "0", start_time: 1 });
  return (json["run"] as { info: { run_id: string } }).info.run_id;
}
