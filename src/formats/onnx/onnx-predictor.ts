// An ONNX file behind the predictor port: the host's runtime computes, a batch at a time. Its numbers are the runtime's.
import { trimaranError } from "../../base/errors.ts";
import { addWarning, type Batch, type RowIssue, rowCountOf, rowsOf, type Warning } from "../../data/batch.ts";
import type { OutputColumn, Predictions } from "../../data/predictions.ts";
import type { OnnxRuntime, OnnxSession, OnnxTensor } from "../../model/onnx-runtime.ts";
import type { AsyncPredictor, PredictOptions, Predictor } from "../../model/predictor.ts";
import { type OnnxFeed, onnxInput } from "./onnx-input.ts";
import { onnxMethods, outputColumn } from "./onnx-output.ts";
import { stepRows } from "./onnx-step.ts";
import type { OnnxSource } from "./read-onnx.ts";

/** Numbers that the steps before a file make at once. */
const maxStepNumbers = 2 ** 22;

/**
 * With steps before the file the predictor takes their rows, and closes them.
 * @throws ONNX_SIGNATURE, ONNX_RUN when the runtime refuses the file
 */
export async function openOnnx(
  { name, bytes, signature }: OnnxSource,
  runtime: OnnxRuntime,
  steps: Predictor | null = null,
): Promise<AsyncPredictor> {
  const { input, feeds } = onnxInput(signature, name);
  const { methods: outputs } = onnxMethods(signature);
  const [first] = outputs;
  if (first === undefined) throw trimaranError("ONNX_SIGNATURE", { name, problem: "none of its outputs is a tensor" });
  const methods = outputs.map(({ method }) => method);
  const session = await failing(name, () => runtime.InferenceSession.create(bytes, sessionOptions));
  const oneByOne = signature.inputs.some(({ dims }) => dims?.[0] === 1);
  return {
    kind: "async",
    input: steps?.input ?? input,
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
      const warnings = new Map<string, Warning>();
      const width = input.kind === "records" ? 1 : Math.max(1, input.columns.length);
      const most = steps === null ? Math.max(1, rowCount) : Math.max(1, Math.floor(maxStepNumbers / width));
      const step = oneByOne ? 1 : most;
      for (let from = 0; from < rowCount; from += step) {
        const to = Math.min(rowCount, from + step);
        let ports: readonly OnnxFeed[];
        if (steps === null) ports = feeds(batch, { from, to }, issues);
        else {
          const made = await stepRows(steps, rowsOf(batch, from, to), { name, input });
          const refused: RowIssue[] = [];
          ports = feeds(made.batch, { from: 0, to: to - from }, refused);
          issues.push(...stepIssues(made.issues, refused).map((issue) => ({ ...issue, row: issue.row + from })));
          for (const warning of made.warnings) addWarning(warnings, warning);
        }
        const tensors = ports.map(({ name: port, type, cells, shape }) => {
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
      return {
        rowCount,
        outputs: answers,
        issues: issues.sort((a, b) => a.row - b.row),
        warnings: [...warnings.values()],
      };
    },
    close() {
      release(session);
      steps?.close();
    },
  };
}

/** A column of the file is none that a user knows: its path is the row's, and one issue a row is enough. */
function stepIssues(ofSteps: readonly RowIssue[], ofFile: readonly RowIssue[]): readonly RowIssue[] {
  const told = new Set(ofSteps.map(({ row }) => row));
  const own = ofFile.flatMap((issue): readonly RowIssue[] => {
    if (told.has(issue.row)) return [];
    told.add(issue.row);
    return [{ ...issue, path: "" }];
  });
  return [...ofSteps, ...own];
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
