// An ONNX file behind the predictor port: the host's runtime computes, a batch at a time. Its numbers are the runtime's.
import { trimaranError } from "../../base/errors.ts";
import { type Batch, type RowIssue, rowCountOf } from "../../data/batch.ts";
import type { OutputColumn, Predictions } from "../../data/predictions.ts";
import type { OnnxRuntime, OnnxSession, OnnxTensor } from "../../model/onnx-runtime.ts";
import type { AsyncPredictor, PredictOptions } from "../../model/predictor.ts";
import { onnxInput } from "./onnx-input.ts";
import { onnxMethods, outputColumn } from "./onnx-output.ts";
import type { OnnxSource } from "./read-onnx.ts";

/** @throws ONNX_SIGNATURE, ONNX_RUN when the runtime refuses the file */
export async function openOnnx({ name, bytes, signature }: OnnxSource, runtime: OnnxRuntime): Promise<AsyncPredictor> {
  const { input, feeds } = onnxInput(signature, name);
  const { methods: outputs } = onnxMethods(signature);
  const [first] = outputs;
  if (first === undefined) throw trimaranError("ONNX_SIGNATURE", { name, problem: "none of its outputs is a tensor" });
  const methods = outputs.map(({ method }) => method);
  const session = await failing(name, () => runtime.InferenceSession.create(bytes, sessionOptions));
  const oneByOne = signature.inputs.some(({ dims }) => dims?.[0] === 1);
  return {
    kind: "async",
    input,
    methods,
    async predict(batch: Batch, options: PredictOptions = {}): Promise<Predictions> {
      const asked = (options.methods ?? methods.slice(0, 1)).map((method) => {
        const found = outputs.find((each) => each.method === method);
        if (found === undefined) throw trimaranError("MODEL_METHOD", { method, methods: methods.join(", ") });
        return found;
      });
      const rowCount = rowCountOf(batch);
      const issues: RowIssue[] = [];
      const runs: Readonly<Record<string, OnnxTensor>>[] = [];
      const step = oneByOne ? 1 : Math.max(1, rowCount);
      for (let from = 0; from < rowCount; from += step) {
        const to = Math.min(rowCount, from + step);
        const tensors = feeds(batch, { from, to }, issues).map(({ name: port, type, cells, shape }) => {
          const tensor = new runtime.Tensor(type, cells, [to - from, ...shape]);
          return [port, tensor] as const;
        });
        const fetches = asked.map(({ output }) => output);
        runs.push(await failing(name, () => session.run(Object.fromEntries(tensors), fetches)));
      }
      const answers: Record<string, OutputColumn> = {};
      for (const { method, output } of asked) {
        answers[method] = outputColumn(runs.flatMap((run) => run[output] ?? []));
      }
      return { rowCount, outputs: answers, issues: issues.sort((a, b) => a.row - b.row), warnings: [] };
    },
    close: () => release(session),
  };
}

/** With one thread sums do not depend on how many there are; a service answers requests side by side instead. */
const sessionOptions = { intraOpNumThreads: 1, interOpNumThreads: 1, logSeverityLevel: 4 } as const;

/** What the runtime throws is text of its own; it names nodes and shapes. */
async function failing<Result>(name: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (cause) {
    const problem = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : "it failed";
    throw trimaranError("ONNX_RUN", { name, problem }, { cause });
  }
}

/** Nobody waits for it, and a session that cannot be released is gone with the process. */
function release(session: OnnxSession): void {
  session.release().catch(() => {});
}
