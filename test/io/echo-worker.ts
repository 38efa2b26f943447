// The worker of worker-thread.test.ts: does what the request says.
import { workerData } from "node:worker_threads";
import { trimaranError } from "../../src/base/errors.ts";
import { answerRequests } from "../../src/io/worker-entry.ts";

let asked = 0;

answerRequests(async (request) => {
  asked++;
  switch (request) {
    case "data":
      return { value: workerData };
    case "asked":
      return { value: asked };
    case "buffer": {
      const values = Float64Array.of(1, 2, 3);
      return { value: values, transfer: [values.buffer] };
    }
    case "refuse":
      throw trimaranError(
        "ROW_INVALID",
        { count: 1, first: "it" },
        {
          cause: trimaranError("FILE_NOT_FOUND", { path: "a" }, { cause: new RangeError("deep") }),
          issues: [{ path: "/a", code: "wrong", message: "is wrong" }],
        },
      );
    case "throw":
      throw new RangeError("out of range");
    case "die":
      return process.exit(3);
    case "hang":
      return new Promise(() => undefined);
    default:
      return { value: request };
  }
});
