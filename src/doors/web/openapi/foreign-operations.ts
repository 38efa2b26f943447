// The routes of other servers' dialects in the document: MLflow's scoring protocol and KServe v1. Their protocols are described
// by their owners; here stands what this deployment's rows look like in them.

import type { JsonObject } from "./json-value.ts";
import {
  answerHeaders,
  type DocumentedService,
  type Operation,
  plainHeaders,
  servicesOf,
} from "./operation-context.ts";

const predictions = {
  type: "array",
  description: "One a row: a bare value where there is one output, else an object.",
};

const scoring =
  (which: "first" | "any"): Operation =>
  (context, only) => {
    const services = servicesOf(context, which, only);
    return {
      tag: "MLflow",
      asks: true,
      description:
        "What `mlflow models serve` takes. `?method=` or `params.method` chooses what a model served alone computes.",
      parameters: [
        { name: "method", in: "query", description: "Methods of a model that is served alone.", schema: methodSchema },
      ],
      requestBody: {
        required: true,
        content: {
          "application/json": { schema: scoringBody(services), ...example(services, "dataframe_records") },
          "text/csv": { schema: { type: "string", description: "A header line and a line a row." } },
        },
      },
      responses: {
        "200": {
          description: "The predictions, in the order of the rows.",
          headers: answerHeaders,
          content: {
            "application/json": { schema: { type: "object", properties: { predictions }, required: ["predictions"] } },
          },
        },
      },
    };
  };

const methodSchema = { type: "string", examples: ["predict", "predict_proba"] };

/** Rows by name, by position, or one column's plain values. */
const anyRows = { type: "array", items: { type: ["object", "array", "string", "number", "boolean", "null"] } };

function scoringBody(services: readonly DocumentedService[]): JsonObject {
  const names = services.length === 1 ? namesOf(services[0]!) : [];
  const column = { type: ["string", "integer"], ...(names.length > 0 ? { examples: names } : {}) };
  const split = {
    type: "object",
    properties: {
      columns: { type: "array", items: column },
      index: { type: "array" },
      data: { type: "array" },
    },
    required: ["data"],
  };
  return {
    type: "object",
    properties: {
      dataframe_split: split,
      dataframe_records: anyRows,
      instances: anyRows,
      inputs: { type: ["object", "array"] },
      params: { type: ["object", "null"] },
    },
    oneOf: ["dataframe_split", "dataframe_records", "instances", "inputs"].map((name) => ({ required: [name] })),
  };
}

function namesOf({ row }: DocumentedService): readonly string[] {
  return Object.keys((row["properties"] ?? {}) as JsonObject).slice(0, 20);
}

function example([first]: readonly DocumentedService[], member: string): JsonObject {
  const rows = first?.examples.slice(0, 1).map(({ input }) => input) ?? [];
  return rows.length === 0 ? {} : { example: { [member]: rows } };
}

const kservePredict: Operation = (context, only) => {
  const services = servicesOf(context, "any", only);
  return {
    tag: "KServe v1",
    asks: true,
    errors: ["KSERVE_NO_LABEL"],
    description:
      "`instances` (rows) is answered with `predictions`, `inputs` (a list a column, or rows) with `outputs`.",
    requestBody: {
      required: true,
      content: {
        "application/json": {
          schema: {
            type: "object",
            properties: {
              instances: anyRows,
              inputs: { type: ["object", "array"] },
              signature_name: { type: "string" },
            },
            oneOf: [{ required: ["instances"] }, { required: ["inputs"] }],
          },
          ...example(services, "instances"),
        },
      },
    },
    responses: {
      "200": {
        description: "The predictions, in the order of the rows.",
        headers: answerHeaders,
        content: {
          "application/json": {
            schema: {
              type: "object",
              properties: { predictions, outputs: { type: ["array", "object"] } },
              oneOf: [{ required: ["predictions"] }, { required: ["outputs"] }],
            },
          },
        },
      },
    },
  };
};

const modelStatus: Operation = () => ({
  tag: "KServe v1",
  responses: {
    "200": {
      description: "Whether it is ready, and its versions.",
      headers: plainHeaders,
      content: {
        "application/json": {
          schema: {
            type: "object",
            properties: {
              name: { type: "string" },
              ready: { type: "boolean" },
              model_version_status: {
                type: "array",
                items: {
                  type: "object",
                  properties: {
                    version: { type: "string" },
                    state: { enum: ["UNKNOWN", "AVAILABLE", "END", "LOADING", "UNLOADING"] },
                    status: {
                      type: "object",
                      properties: { error_code: { type: "string" }, error_message: { type: "string" } },
                      required: ["error_code", "error_message"],
                    },
                  },
                  required: ["version", "state", "status"],
                },
              },
            },
            required: ["name", "ready", "model_version_status"],
          },
        },
      },
    },
  },
});

const notOffered: Operation = () => ({ tag: "KServe v1", errors: ["KSERVE_NOT_OFFERED"], responses: {} });

/** MLflow answers a line end, or a bare version, and calls it JSON; its clients look at nothing but that. */
const mlflowPing =
  (open: boolean): Operation =>
  () => ({
    tag: "MLflow",
    open,
    responses: {
      "200": { description: "As MLflow answers.", headers: plainHeaders, content: { "application/json": {} } },
      ...(open ? { "503": { description: "No model is ready.", content: { "application/json": {} } } } : {}),
    },
  });

export const foreignOperations: Readonly<Record<string, Operation>> = {
  "POST /invocations": scoring("first"),
  "POST /invocations/{name}": scoring("any"),
  "GET /ping": mlflowPing(true),
  "GET /health": mlflowPing(true),
  "GET /version": mlflowPing(false),
  "GET /v1/models": () => ({
    tag: "KServe v1",
    responses: {
      "200": {
        description: "The names that are served.",
        headers: plainHeaders,
        content: {
          "application/json": {
            schema: {
              type: "object",
              properties: { models: { type: "array", items: { type: "string" } } },
              required: ["models"],
            },
          },
        },
      },
    },
  }),
  "GET /v1/models/{name}": modelStatus,
  "GET /v1/models/{name}/versions/{version}": modelStatus,
  "POST /v1/models/{name}:predict": kservePredict,
  "POST /v1/models/{name}/versions/{version}:predict": kservePredict,
  "POST /v1/models/{name}/labels/{label}:predict": kservePredict,
  "POST /v1/models/{name}:explain": notOffered,
  "POST /v1/models/{name}:classify": notOffered,
  "POST /v1/models/{name}:regress": notOffered,
};
