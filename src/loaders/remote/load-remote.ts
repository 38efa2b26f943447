// A model behind an Open Inference Protocol server as a predictor: its metadata say what it takes and answers, and each batch is
// one request. Its numbers are its server's.
import { createHash } from "node:crypto";
import { trimaranError } from "../../base/errors.ts";
import { type Batch, type RowIssue, rowCountOf } from "../../data/batch.ts";
import type { OutputColumn, Predictions } from "../../data/predictions.ts";
import { columnFromTensor } from "../../formats/oip/column-from-tensor.ts";
import { datatypeFacts } from "../../formats/oip/datatype.ts";
import type { InferResponse } from "../../formats/oip/infer.ts";
import type { ModelMetadata, TensorMetadata } from "../../formats/oip/model-metadata.ts";
import type { OipTensor } from "../../formats/oip/tensor.ts";
import { type ModelFacts, noFacts } from "../../formats/read/model-facts.ts";
import type { AsyncPredictor, PredictOptions } from "../../model/predictor.ts";
import {
  answerProblem,
  type RemoteClient,
  type RemoteOptions,
  readingAnswer,
  resolveRemoteOptions,
} from "./remote-client.ts";
import { remoteInput } from "./remote-input.ts";
import { parseRemoteUri, type RemoteUri } from "./remote-uri.ts";
import { restClient } from "./rest-client.ts";

export interface LoadedRemote {
  readonly uri: string;
  /** `sha256:` and 64 hex digits over what the server says of the model. */
  readonly digest: string;
  readonly bytes: number;
  /** The version that the URI names, else the one that the server says answers. */
  readonly version: string | null;
  readonly predictor: AsyncPredictor;
  readonly facts: ModelFacts;
  readonly operations: readonly string[];
}

/** @throws REMOTE_* */
export async function loadRemote(uri: string, options: RemoteOptions = {}): Promise<LoadedRemote> {
  const remote = parseRemoteUri(uri);
  const resolved = resolveRemoteOptions(options);
  const client =
    remote.transport === "http"
      ? restClient(remote, resolved)
      : await (await import("./grpc-client.ts")).grpcClient(remote, resolved);
  try {
    const metadata = declared(await client.metadata(), remote);
    const { predictor, answered } = remotePredictor({ client, metadata, remote });
    const { inputs, outputs, platform, versions } = metadata;
    const text = JSON.stringify({ model: remote.model, version: remote.version, versions, platform, inputs, outputs });
    return {
      uri,
      digest: `sha256:${createHash("sha256").update(text).digest("hex")}`,
      bytes: 0,
      get version() {
        return answered() ?? remote.version ?? (versions.length === 1 ? (versions[0] ?? null) : null);
      },
      predictor,
      facts: {
        ...noFacts,
        format: `oip/${remote.transport}`,
        notes: ["Another server computes; its numbers are its own."],
      },
      operations: [`infer ${remote.model} at ${remote.server}${platform === "" ? "" : ` (${platform})`}`],
    };
  } catch (error) {
    client.close();
    throw error;
  }
}

/** What the URI says takes the place of what the server does not. */
function declared(metadata: ModelMetadata, { inputs, outputs }: RemoteUri): ModelMetadata {
  return {
    ...metadata,
    inputs: inputs.length > 0 ? inputs : metadata.inputs,
    outputs:
      outputs.length === 0
        ? metadata.outputs
        : outputs.map((name) => metadata.outputs.find((output) => output.name === name) ?? undeclared(name)),
  };
}

function undeclared(name: string): TensorMetadata {
  return { name, datatype: "FP64", shape: [] };
}

interface Parts {
  readonly client: RemoteClient;
  readonly metadata: ModelMetadata;
  readonly remote: RemoteUri;
}

interface Method {
  readonly method: string;
  /** Null: the first output of the answer, of a server that names none. */
  readonly output: TensorMetadata | null;
}

function remotePredictor({ client, metadata, remote }: Parts): {
  predictor: AsyncPredictor;
  answered: () => string | null;
} {
  const { server } = client;
  const { input, tensors } = remoteInput(remote.model, metadata.inputs);
  const methods = methodsOf(metadata);
  const names = methods.map(({ method }) => method);
  let version: string | null = null;
  const predictor: AsyncPredictor = {
    kind: "async",
    input,
    methods: names,
    async predict(batch: Batch, options: PredictOptions = {}): Promise<Predictions> {
      const asked = (options.methods ?? names.slice(0, 1)).map((name) => {
        const found = methods.find(({ method }) => method === name);
        if (found === undefined) throw trimaranError("MODEL_METHOD", { method: name, methods: names.join(", ") });
        return found;
      });
      const rowCount = rowCountOf(batch);
      const issues: RowIssue[] = [];
      const inputs = tensors(batch, issues);
      if (rowCount === 0) return { rowCount, outputs: noAnswers(asked), issues, warnings: [] };
      const wanted = new Set(asked.flatMap(({ output }) => output?.name ?? []));
      const outputs = [...wanted].map((name) => ({ name, parameters: {} }));
      const response = await client.infer({ id: null, parameters: {}, inputs, outputs, raw: false });
      version = response.modelVersion ?? version;
      const answers = asked.map(({ method, output }): readonly [string, OutputColumn] => {
        const tensor = answerOf(response, output, server);
        return [method, readingAnswer(server, () => columnFromTensor(tensor, rowCount))];
      });
      const byRow = issues.sort((a, b) => a.row - b.row);
      return { rowCount, outputs: Object.fromEntries(answers), issues: byRow, warnings: [] };
    },
    close: () => client.close(),
  };
  return { predictor, answered: () => version };
}

/** Each output is a method; where none is called `predict`, the first answers as that too. */
function methodsOf({ outputs }: ModelMetadata): readonly Method[] {
  const [first = null] = outputs;
  const named = outputs.map((output): Method => ({ method: output.name, output }));
  const predict = named.find(({ method }) => method === "predict") ?? { method: "predict", output: first };
  return [predict, ...named.filter(({ method }) => method !== "predict")];
}

function answerOf(response: InferResponse, output: TensorMetadata | null, server: string): OipTensor {
  const [first] = response.outputs;
  const tensor = output === null ? first : response.outputs.find(({ name }) => name === output.name);
  if (tensor === undefined) throw answerProblem(server, `it lacks the output ${output?.name ?? ""}`);
  // A server may answer FP64 where it declares FP32; a text for a number is another thing.
  if (output !== null && output.shape.length > 0 && isText(output) !== isText(tensor)) {
    throw answerProblem(server, `${tensor.name} is ${tensor.datatype}, and was declared ${output.datatype}`);
  }
  return tensor;
}

function isText({ datatype }: Pick<TensorMetadata, "datatype">): boolean {
  return datatypeFacts(datatype).family === "bytes";
}

function noAnswers(asked: readonly Method[]): Readonly<Record<string, OutputColumn>> {
  const none: OutputColumn = { kind: "number", type: "float64", scalar: true, width: 1, values: new Float64Array(0) };
  return Object.fromEntries(asked.map(({ method }) => [method, none]));
}
