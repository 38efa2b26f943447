// Runs in a worker thread: answers requests that only read, over a connection of its own.
import { workerData } from "node:worker_threads";
import { openSqlite } from "../../io/sql/sqlite-database.ts";
import { answerRequests } from "../../io/worker-entry.ts";
import type { RequestOf } from "../../mlflow/wire/endpoint.ts";
import { writeAnswer } from "../../mlflow/wire/server-side.ts";
import { WireError } from "../../mlflow/wire/wire-error.ts";
import { ArtifactPlaces } from "../artifacts/artifact-location.ts";
import type { TrackingContext } from "../handlers/handler.ts";
import { answeredEndpoints } from "../handlers/handler-table.ts";
import type { ReadAnswer, ReadRequest, ReadWorkerData } from "./read-pool.ts";

const { file } = workerData as ReadWorkerData;
const encoder = new TextEncoder();
let opening: Promise<TrackingContext> | undefined;

answerRequests(async (message) => {
  const { name, request, form } = message as ReadRequest;
  const answered = answeredEndpoints.find(({ endpoint }) => endpoint.name === name);
  if (answered === undefined) throw new TypeError(`nothing answers ${name}`);
  opening ??= open();
  try {
    const given = await answered.handler(request as RequestOf<typeof answered.endpoint>, await opening);
    if (form === "value") return { value: { kind: "value", given } satisfies ReadAnswer };
    const bytes = encoder.encode(writeAnswer(answered.endpoint, given));
    return { value: { kind: "bytes", bytes } satisfies ReadAnswer, transfer: [bytes.buffer] };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    const { errorCode, message: told } = error;
    return { value: { kind: "refused", errorCode, message: told } satisfies ReadAnswer };
  }
});

async function open(): Promise<TrackingContext> {
  const database = await openSqlite(file, { readOnly: true });
  return {
    store: { database, now: Date.now, artifactRoot: "mlflow-artifacts:/", allowedLocations: [] },
    artifacts: new ArtifactPlaces({ served: null, roots: [] }),
    signing: null,
    tells: { multipartUploads: false, multipartDownloads: false },
    webhooks: null,
    caller: { base: null, identity: null, access: null, defaultPermission: "MANAGE" },
  };
}
