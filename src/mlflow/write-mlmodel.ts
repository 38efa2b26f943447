// The text of an MLmodel file and of the files beside it, as MLflow's own client writes them: YAML in block style, sorted keys.
import { stringify } from "yaml";
import type { SignatureField } from "./signature.ts";

export interface MLmodelFields {
  /** Where the model lies: the location of a logged model (3.x), else its name among the run's artifacts. */
  readonly artifactPath: string;
  /** Null: no run made it. */
  readonly runId: string | null;
  /** Null: the server keeps no logged models. */
  readonly modelId: string | null;
  /** 32 hex digits. */
  readonly modelUuid: string;
  readonly created: Date;
  readonly mlflowVersion: string;
  readonly flavors: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly inputs: readonly SignatureField[];
  readonly outputs: readonly SignatureField[];
  /** Of all files but this one. */
  readonly modelBytes: number;
}

export const exampleFile = "input_example.json";
export const servingExampleFile = "serving_input_example.json";

/** What PyYAML reads as text, number and null, and our own reader too. */
export function writeMLmodel(fields: MLmodelFields): string {
  return yamlText({
    artifact_path: fields.artifactPath,
    flavors: fields.flavors,
    is_signature_from_type_hint: false,
    mlflow_version: fields.mlflowVersion,
    model_id: fields.modelId,
    model_size_bytes: fields.modelBytes,
    model_uuid: fields.modelUuid,
    prompts: null,
    ...(fields.runId === null ? {} : { run_id: fields.runId }),
    saved_input_example_info: {
      artifact_path: exampleFile,
      pandas_orient: "split",
      serving_input_path: servingExampleFile,
      type: "dataframe",
    },
    signature: { inputs: signatureText(fields.inputs), outputs: signatureText(fields.outputs), params: null },
    type_hint_from_example: false,
    utc_time_created: timeText(fields.created),
  });
}

/** YAML 1.1, which PyYAML speaks: what it would take for a date or a number stands in quotes. */
export function yamlText(value: unknown): string {
  return stringify(value, { version: "1.1", schema: "yaml-1.1", sortMapEntries: true, lineWidth: 0 });
}

/** A signature's part, as mlflow/types/schema.py writes it. */
export function signatureText(fields: readonly SignatureField[]): string {
  return pythonJson(
    fields.map((field) =>
      field.kind === "column"
        ? { type: field.type, ...(field.name === null ? {} : { name: field.name }), required: field.required }
        : {
            type: "tensor",
            "tensor-spec": { dtype: field.dtype, shape: field.shape },
            ...(field.name === null ? {} : { name: field.name }),
          },
    ),
  );
}

/** The two files of an input example: a data frame, and the same as a request of MLflow's scoring protocol. */
export function exampleFiles(
  columns: readonly string[],
  data: readonly (readonly (string | number)[])[],
): Readonly<Record<string, string>> {
  const rows = data.map((row) => `[${row.map(exampleCell).join(", ")}]`);
  const split = `{"columns": ${pythonJson(columns)}, "data": [${rows.join(", ")}]}`;
  return { [exampleFile]: split, [servingExampleFile]: `{"dataframe_split": ${split}}` };
}

/** Numbers stay doubles in Python: a whole one without a point would be an integer, which a column of doubles refuses. */
function exampleCell(cell: string | number): string {
  const text = JSON.stringify(cell);
  return typeof cell === "number" && /^-?\d+$/.test(text) ? `${text}.0` : text;
}

/** `2026-11-22 14:50:47.917000` */
function timeText(time: Date): string {
  return `${time.toISOString().slice(0, 23).replace("T", " ")}000`;
}

/** JSON with a blank behind commas and colons, as Python's `json.dumps` writes it. */
function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(", ")}]`;
  if (typeof value === "object" && value !== null) {
    return `{${Object.entries(value)
      .map(([key, each]) => `${JSON.stringify(key)}: ${pythonJson(each)}`)
      .join(", ")}}`;
  }
  return JSON.stringify(value);
}
