// Runs in a worker thread: grows the trees that it is asked for, over rows that all threads share.
import { workerData } from "node:worker_threads";
import { growTree } from "../engine/kernels/grow/grow-tree.ts";
import { answerRequests } from "../io/worker-entry.ts";
import type { GrowWorkerData } from "./fit-forest.ts";

const { table, rules } = workerData as GrowWorkerData;

answerRequests((seed) => {
  const tree = growTree(table, rules, seed as number);
  const transfer = Object.values(tree).map(({ buffer }: { readonly buffer: ArrayBuffer }) => buffer);
  return { value: tree, transfer };
});
