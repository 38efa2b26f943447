// Runs in a worker thread: holds a prepared model and answers parts of batches.
import { workerData } from "node:worker_threads";
import { compilePrepared } from "../engine/prepare.ts";
import { answerRequests } from "../io/worker-entry.ts";
import { largeBuffers } from "./large-buffers.ts";
import type { PartRequest, PredictWorkerData } from "./predict-threads.ts";

const { prepared, thread } = workerData as PredictWorkerData;
const predictor = compilePrepared(prepared, thread);

answerRequests((request) => {
  const { part, methods } = request as PartRequest;
  const value = predictor.predict(part, { methods });
  return { value, transfer: largeBuffers(value.outputs) };
});
