// The routes that say how the service is and what it holds.
import type { JsonObject } from "./json-value.ts";
import { type Operation, plainHeaders } from "./operation-context.ts";

const phase = { enum: ["loading", "ready", "draining", "failed"] };

const readiness: JsonObject = {
  type: "object",
  properties: {
    state: phase,
    services: {
      type: "array",
      items: {
        type: "object",
        properties: { name: { type: "string" }, model_version: { type: ["string", "null"] } },
        required: ["name", "model_version"],
      },
    },
  },
  required: ["state", "services"],
};

const json = (description: string, schema: JsonObject): JsonObject => ({
  description,
  headers: plainHeaders,
  content: { "application/json": { schema } },
});

const page =
  (description: string): Operation =>
  () => ({
    tag: "Documents",
    open: true,
    responses: {
      "200": { description, headers: tagHeaders, content: { "text/html": { schema: { type: "string" } } } },
      "304": { description: "It is still what `If-None-Match` names.", headers: tagHeaders },
      "401": {
        description: "The page that asks for an API key, where the service has some.",
        headers: plainHeaders,
        content: { "text/html": { schema: { type: "string" } } },
      },
    },
  });

const tagHeaders: JsonObject = { ...plainHeaders, etag: { $ref: "#/components/headers/ETag" } };

export const plainOperations: Readonly<Record<string, Operation>> = {
  "GET /health/live": () => ({
    tag: "Operation",
    open: true,
    responses: {
      "200": json("The process runs.", {
        type: "object",
        properties: { state: { const: "live" } },
        required: ["state"],
      }),
    },
  }),
  "GET /health/ready": () => ({
    tag: "Operation",
    open: true,
    responses: {
      "200": json("Every model is loaded and warmed.", readiness),
      "503": json("Not now: a model is not there yet, or the service is on its way down.", readiness),
    },
  }),
  "GET /metrics": () => ({
    tag: "Operation",
    responses: {
      "200": {
        description: "In Prometheus' text format.",
        headers: plainHeaders,
        content: { "text/plain": { schema: { type: "string" } } },
      },
    },
  }),
  "GET /": () => ({
    tag: "Documents",
    responses: {
      "200": {
        description: "What is served, and the routes; as text for a browser.",
        headers: plainHeaders,
        content: {
          "application/json": {
            schema: {
              type: "object",
              properties: {
                state: phase,
                services: { type: "array", items: { type: "string" } },
                routes: {
                  type: "array",
                  items: {
                    type: "object",
                    properties: {
                      method: { enum: ["GET", "POST"] },
                      path: { type: "string" },
                      about: { type: "string" },
                    },
                    required: ["method", "path", "about"],
                  },
                },
              },
              required: ["state", "services", "routes"],
            },
          },
          "text/plain": { schema: { type: "string" } },
        },
      },
    },
  }),
  "GET /openapi.json": () => ({
    tag: "Documents",
    errors: ["SERVICE_NOT_READY"],
    responses: {
      "200": { ...json("This document.", { type: "object" }), headers: tagHeaders },
      "304": { description: "It is still what `If-None-Match` names.", headers: tagHeaders },
    },
  }),
  "GET /docs": page("A page where a person fills in a row and sees the prediction."),
  "GET /docs/{name}": page("The same for one of several services."),
};
