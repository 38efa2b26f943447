// The process of a load generator: does one task after the other as its parent sends them, and ends with its parent.
import { type GrpcTask, runGrpcLoad } from "./grpc-load.ts";
import { type LoadTask, runLoad } from "./load.ts";

process.once("disconnect", () => process.exit());
process.on("message", (task: LoadTask | GrpcTask) => {
  const done = "method" in task ? runGrpcLoad(task) : runLoad(task);
  done.then((result) => process.send?.(result));
});
