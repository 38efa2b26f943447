// The Open Inference Protocol's and the feedback's routes in the document.
import type { JsonObject } from "./json-value.ts";
import { answerHeaders, type Operation, plainHeaders } from "./operation-context.ts";

const oipTag = "Open Inference Protocol";
const object = { type: "object" };
const strings = { type: "array", items: { type: "string" } };

const tensor: JsonObject = {
  type: "object",
  properties: {
    name: { type: "string" },
    shape: { type: "array", items: { type: "integer" } },
    datatype: { type: "string", examples: ["FP64", "INT64", "BOOL", "BYTES"] },
    parameters: object,
    data: { type: "array", description: "Flat or nested; absent where the data is binary." },
  },
  required: ["name", "shape", "datatype"],
};

const infer: Operation = () => ({
  tag: oipTag,
  asks: true,
  description:
    "A tensor a field, its first dimension the rows. With `Inference-Header-Content-Length` the tensors' bytes follow the JSON.",
  requestBody: {
    required: true,
    content: {
      "application/json": {
        schema: {
          type: "object",
          properties: {
            id: { type: "string" },
            parameters: object,
            inputs: { type: "array", minItems: 1, items: tensor },
            outputs: {
              type: "array",
              items: { type: "object", properties: { name: { type: "string" } }, required: ["name"] },
            },
          },
          required: ["inputs"],
        },
      },
    },
  },
  responses: {
    "200": {
      description: "The outputs, a tensor each.",
      headers: answerHeaders,
      content: {
        "application/json": {
          schema: {
            type: "object",
            properties: {
              model_name: { type: "string" },
              model_version: { type: "string" },
              id: { type: "string" },
              outputs: { type: "array", items: tensor },
            },
            required: ["model_name", "outputs"],
          },
        },
        "application/octet-stream": { schema: { type: "string" } },
      },
    },
  },
});

/** JSON of the protocol's own shape, or no body at all. */
function told(description: string, schema: JsonObject = object): Operation {
  return () => ({
    tag: oipTag,
    responses: { "200": { description, headers: plainHeaders, content: { "application/json": { schema } } } },
  });
}

function probe(description: string, open: boolean): Operation {
  return () => ({
    tag: oipTag,
    open,
    responses: {
      "200": { description, headers: plainHeaders, content: { "application/json": {} } },
      "503": { description: "Not now.", headers: plainHeaders, content: { "application/json": {} } },
    },
  });
}

function repository(description: string): Operation {
  return () => ({
    tag: oipTag,
    description,
    requestBody: { content: { "application/json": { schema: object } } },
    responses: {
      "200": { description: "Done.", headers: plainHeaders, content: { "application/json": {} } },
      "4XX": refused(
        "Not done: the body is no such request, the model is unknown, or the token of the admin is missing.",
      ),
      "5XX": refused("Not done: the model could not be loaded."),
    },
  });
}

function refused(description: string): JsonObject {
  const content = { "application/json": { schema: { $ref: "#/components/schemas/OipError" } } };
  return { description, headers: plainHeaders, content };
}

const metadata = told("What the model takes and answers.", {
  type: "object",
  properties: {
    name: { type: "string" },
    versions: strings,
    platform: { type: "string" },
    inputs: { type: "array", items: tensor },
    outputs: { type: "array", items: tensor },
  },
  required: ["name", "platform", "inputs", "outputs"],
});

const truth: JsonObject = {
  type: "object",
  description: "The truth about the prediction `id`, or about the row that `key` names.",
  properties: {
    id: { type: "string" },
    key: { type: "string" },
    value: {},
    time: { type: "string", format: "date-time" },
    source: { type: "string" },
  },
  required: ["value"],
};

const feedback: Operation = ({ maxRows }) => ({
  tag: "Predictions",
  asks: true,
  errors: ["FEEDBACK_UNAVAILABLE"],
  requestBody: {
    required: true,
    content: {
      "application/json": { schema: { anyOf: [truth, { type: "array", items: truth, maxItems: maxRows }] } },
      "application/x-ndjson": { schema: { type: "string" } },
    },
  },
  responses: {
    "202": {
      description: "All of it is kept.",
      headers: plainHeaders,
      content: {
        "application/json": {
          schema: { type: "object", properties: { accepted: { type: "integer" } }, required: ["accepted"] },
        },
      },
    },
  },
});

export const protocolOperations: Readonly<Record<string, Operation>> = {
  "POST /feedback": feedback,
  "POST /feedback/{name}": feedback,
  "GET /v2": told("Name, version and extensions.", {
    type: "object",
    properties: { name: { type: "string" }, version: { type: "string" }, extensions: strings },
    required: ["name", "version", "extensions"],
  }),
  "GET /v2/health/live": probe("The process runs.", true),
  "GET /v2/health/ready": probe("Every model is loaded.", true),
  "GET /v2/models/stats": told("Counts and durations."),
  "GET /v2/models/{name}": metadata,
  "GET /v2/models/{name}/versions/{version}": metadata,
  "GET /v2/models/{name}/ready": probe("The model answers.", false),
  "GET /v2/models/{name}/versions/{version}/ready": probe("The version answers.", false),
  "GET /v2/models/{name}/stats": told("Counts and durations."),
  "GET /v2/models/{name}/versions/{version}/stats": told("Counts and durations."),
  "POST /v2/models/{name}/infer": infer,
  "POST /v2/models/{name}/versions/{version}/infer": infer,
  "POST /v2/repository/index": () => ({
    tag: oipTag,
    description: '`{"ready": true}` lists only what is ready.',
    requestBody: { content: { "application/json": { schema: object } } },
    responses: {
      "200": {
        description: "The models, their versions and states.",
        headers: plainHeaders,
        content: {
          "application/json": {
            schema: {
              type: "array",
              items: {
                type: "object",
                properties: {
                  name: { type: "string" },
                  version: { type: "string" },
                  state: { type: "string" },
                  reason: { type: "string" },
                },
                required: ["name", "version", "state", "reason"],
              },
            },
          },
        },
      },
      "4XX": refused("The body is no such request."),
    },
  }),
  "POST /v2/repository/models/{name}/load": repository("Loads the model anew."),
  "POST /v2/repository/models/{name}/unload": repository("Takes the model out of memory."),
};
