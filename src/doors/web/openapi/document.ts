// The OpenAPI 3.1 document of what is served now: every route, and every deployment's own fields.
import type { Catalog } from "../../../serving/catalog.ts";
import type { Route } from "../route.ts";
import type { ResolvedWebOptions } from "../web-options.ts";
import { errorSchemas } from "./error-responses.ts";
import type { JsonObject } from "./json-value.ts";
import type { DocumentedService, OperationContext } from "./operation-context.ts";
import { operationOf } from "./operations.ts";
import { serviceSchemas } from "./service-schemas.ts";

export interface Documented {
  readonly catalog: Catalog;
  readonly routes: readonly Route[];
  readonly options: Pick<ResolvedWebOptions, "apiKeys" | "maxRows" | "bodyLimit">;
}

export function openApiDocument({ catalog, routes, options }: Documented): JsonObject {
  const services = documentedServices(catalog);
  const hasKeys = options.apiKeys.length > 0;
  const context = { services, hasKeys, maxRows: options.maxRows, bodyLimit: options.bodyLimit };
  return {
    openapi: "3.1.0",
    info: infoOf(catalog),
    servers: [{ url: "/" }],
    ...(hasKeys ? { security: [{ bearer: [] }, { apiKey: [] }] } : {}),
    tags: tagsOf(routes),
    paths: pathsOf(routes, context),
    components: {
      schemas: {
        ...Object.fromEntries(
          services.flatMap(({ key, row, answer, output }) => [
            [`Row.${key}`, row],
            [`Answer.${key}`, answer],
            [`Output.${key}`, output],
          ]),
        ),
        Meta: metaSchema,
        ...errorSchemas,
      },
      parameters,
      headers,
      ...(hasKeys ? { securitySchemes } : {}),
    },
  };
}

/** Names whose model is not loaded now have nothing to show. */
function documentedServices(catalog: Catalog): readonly DocumentedService[] {
  const keys = new Set<string>();
  return catalog.names.flatMap((name): DocumentedService[] => {
    const service = catalog.find(name);
    if (service === undefined) return [];
    const plain = name.replace(/[^A-Za-z0-9._-]/g, "_");
    let key = plain;
    for (let count = 2; keys.has(key); count++) key = `${plain}-${count}`;
    keys.add(key);
    return [{ ...serviceSchemas(service), name, key, versions: catalog.versions(name) }];
  });
}

function infoOf(catalog: Catalog): JsonObject {
  const services = catalog.names.flatMap((name) => catalog.find(name) ?? []);
  const [first, ...others] = services;
  const title = catalog.names.join(", ") || "Trimaran";
  const lines = services.map(({ name, deployment, model }) => {
    const about = deployment?.description ?? null;
    const version = model.version === null ? "" : `, version ${model.version}`;
    return `**${name}**${version} (${model.digest.slice(0, 19)})${about === null ? "" : `: ${about}`}`;
  });
  return {
    title,
    version: (others.length === 0 ? first?.model.version : null) ?? first?.model.digest.slice(0, 19) ?? "0",
    description: lines.join("\n\n"),
  };
}

/** With several services each has paths of its own, with its own fields, beside the one that takes the name as a parameter. */
function pathsOf(routes: readonly Route[], context: OperationContext): JsonObject {
  const paths: Record<string, Record<string, unknown>> = {};
  const add = (path: string, route: Route, only?: string): void => {
    paths[path] ??= {};
    paths[path][route.method.toLowerCase()] = operationOf(route, context, only);
  };
  for (const route of routes) {
    add(route.path, route);
    if (context.services.length < 2 || !concretePaths.has(`${route.method} ${route.path}`)) continue;
    for (const { name } of context.services) add(route.path.replace("{name}", encodeURIComponent(name)), route, name);
  }
  return paths;
}

const concretePaths: ReadonlySet<string> = new Set(["POST /predict/{name}"]);

const tagDescriptions: Readonly<Record<string, string>> = {
  Predictions: "Rows in, predictions out.",
  MLflow: "MLflow's scoring protocol: its clients work unchanged.",
  "KServe v1": "KServe v1 and TensorFlow Serving's REST.",
  "Open Inference Protocol": "Version 2 over HTTP, as KServe, Triton and MLServer speak it.",
  Documents: "What this service is.",
  Operation: "For whoever runs it.",
};

function tagsOf(routes: readonly Route[]): readonly JsonObject[] {
  const hasOip = routes.some(({ dialect }) => dialect?.name === "oip");
  return Object.entries(tagDescriptions)
    .filter(([name]) => name !== "Open Inference Protocol" || hasOip)
    .map(([name, description]) => ({ name, description }));
}

const identifier = { type: "string", minLength: 1, maxLength: 128, pattern: "^[A-Za-z0-9._:/-]+$" };

const parameters: JsonObject = {
  RequestId: {
    name: "x-request-id",
    in: "header",
    description: "Your own identifier of the request; it stands in the answer, in errors and in logs.",
    schema: identifier,
  },
  PredictionId: {
    name: "x-prediction-id",
    in: "header",
    description:
      "Your own identifier of the prediction, to name it again with the truth; row i of an array is `<id>/<i>`.",
    schema: identifier,
  },
  RequestTimeout: {
    name: "x-request-timeout-ms",
    in: "header",
    description: "How long you wait; what is not answered by then is answered with 504.",
    schema: { type: "integer", minimum: 1, maximum: 3_600_000 },
  },
  Meta: {
    name: "meta",
    in: "query",
    description: "Each answer becomes `{output, meta}`: version, id and warnings beside the output.",
    schema: { type: "boolean", default: false },
  },
};

const headers: JsonObject = {
  RequestId: { description: "The request's identifier: yours, or one that was made.", schema: { type: "string" } },
  PredictionId: {
    description: "The prediction's identifier: yours, or one that was made.",
    schema: { type: "string" },
  },
  ModelVersion: { description: "The model's version, where it names one.", schema: { type: "string" } },
  Warnings: {
    description:
      "What was answered nonetheless, with names and counts only: `unseen_category;field=PU_DO;count=1`, comma-separated.",
    schema: { type: "string" },
  },
  RetryAfter: { description: "When to try again, in seconds.", schema: { type: "integer", minimum: 0 } },
  ETag: { description: "Changes with what is served.", schema: { type: "string" } },
};

const metaSchema: JsonObject = {
  type: "object",
  properties: {
    model_version: { type: "string" },
    prediction_id: { type: "string" },
    warnings: {
      type: "array",
      items: {
        type: "object",
        properties: {
          code: { type: "string", examples: ["unseen_category", "unknown_field"] },
          field: { type: "string" },
          count: { type: "integer" },
        },
        required: ["code", "field", "count"],
      },
    },
  },
  required: ["prediction_id", "warnings"],
};

const securitySchemes: JsonObject = {
  bearer: { type: "http", scheme: "bearer", description: "`Authorization: Bearer KEY`" },
  apiKey: { type: "apiKey", in: "header", name: "x-api-key" },
};
