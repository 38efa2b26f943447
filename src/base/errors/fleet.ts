// Rows of the error table: the processes of a service.
export const fleetErrors = {
  WORKER_START: {
    kind: "internal",
    message: "No worker process became ready; the last one ended with {problem}.",
    fix: "What it said stands above. If memory ran out, give the machine more of it or start fewer `--workers`.",
  },
  WORKER_ENDED: {
    kind: "unavailable",
    message: "The worker process ended before it was ready: {problem}.",
    fix: "What served goes on. Try again; if memory ran out, give the machine more of it.",
  },
  PREPARE_ENDED: {
    kind: "internal",
    message: "The process that reads the model ended before it was done: {problem}.",
    fix: "If memory ran out give the machine more of it; refuse such files with a lower `--max-model-bytes`.",
  },
} as const;
