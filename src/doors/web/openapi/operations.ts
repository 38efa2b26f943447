// One route → its OpenAPI operation. A route that nobody describes here is described by what its row in the table says.
import type { ErrorCode } from "../../../base/error-table.ts";
import { ownDialect } from "../dialect.ts";
import type { Route } from "../route.ts";
import { errorResponses } from "./error-responses.ts";
import { foreignOperations } from "./foreign-operations.ts";
import { type JsonObject, present } from "./json-value.ts";
import type { Operation, OperationContext } from "./operation-context.ts";
import { plainOperations } from "./plain-operations.ts";
import { predictOperations } from "./predict-operations.ts";
import { protocolOperations } from "./protocol-operations.ts";

const operations: Readonly<Record<string, Operation>> = {
  ...predictOperations,
  ...foreignOperations,
  ...protocolOperations,
  ...plainOperations,
};

/** `only`: the service, when the path names it instead of a parameter. */
export function operationOf(route: Route, context: OperationContext, only?: string): JsonObject {
  const { method, path, about } = route;
  const key = `${method} ${path}`;
  const operation = Object.hasOwn(operations, key) ? operations[key]! : fallback(route);
  const { asks = false, errors = [], open = false, ...described } = operation(context, only);
  const name = (route.dialect ?? ownDialect).name;
  const locked = context.hasKeys && !open;
  const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, parameter]) => parameter!);
  const left = only === undefined ? names : names.filter((parameter) => parameter !== "name");
  const responses = {
    ...errorResponses({ dialect: name, asks, named: names.length > 0, locked, more: codes(errors) }),
  };
  for (const [status, response] of Object.entries(described.responses)) {
    responses[status] = merged(response as JsonObject, responses[status] as JsonObject | undefined);
  }
  const parameters = [
    ...left.map((parameter) => pathParameter(parameter, context)),
    ...(asks ? askingParameters : []),
    ...(described.parameters ?? []),
  ];
  return present({
    operationId: operationId(method, path, only),
    tags: [described.tag],
    summary: about,
    description: described.description,
    ...(context.hasKeys && open ? { security: [] } : {}),
    parameters,
    requestBody: described.requestBody,
    responses,
  });
}

/** Other routes take `x-request-id` too, but refuse none. */
const askingParameters = ["RequestId", "PredictionId", "RequestTimeout"].map((name) => ({
  $ref: `#/components/parameters/${name}`,
}));

function codes(errors: readonly ErrorCode[]): readonly ErrorCode[] {
  return [...new Set(errors)];
}

/** A status that is an answer and an error too: `/health/ready`. */
function merged(answer: JsonObject, error: JsonObject | undefined): JsonObject {
  if (error === undefined) return answer;
  return {
    description: `${String(answer["description"])}\n${String(error["description"])}`,
    headers: { ...(error["headers"] as JsonObject), ...(answer["headers"] as JsonObject | undefined) },
    content: { ...(error["content"] as JsonObject), ...(answer["content"] as JsonObject | undefined) },
  };
}

function fallback({ method, dialect }: Route): Operation {
  const tag = dialect?.name === "oip" ? "Open Inference Protocol" : "Operation";
  return () => ({
    tag,
    asks: method === "POST",
    ...(method === "POST" ? { requestBody: { content: { "application/json": {} } } } : {}),
    responses: { "200": { description: "The answer.", headers: baseHeaders, content: { "*/*": {} } } },
  });
}

const baseHeaders = { "x-request-id": { $ref: "#/components/headers/RequestId" } };

function pathParameter(name: string, { services }: OperationContext): JsonObject {
  const names = services.map((service) => service.name);
  const schemas: Readonly<Record<string, JsonObject>> = {
    name: { type: "string", enum: names },
    model: { type: "string", enum: names },
    label: { type: "string", enum: ["stable", "canary"] },
    version: { type: "string", enum: [...new Set(services.flatMap((service) => service.versions))] },
  };
  const described: JsonObject = schemas[name] ?? { type: "string" };
  const listed = described["enum"] as readonly string[] | undefined;
  // An empty enum would be no schema: nothing is served yet.
  return { name, in: "path", required: true, schema: listed?.length === 0 ? { type: "string" } : described };
}

function operationId(method: string, path: string, only: string | undefined): string {
  const words = (only === undefined ? path : path.replace("{name}", `${only}.`)).match(/[A-Za-z0-9._-]+/g) ?? ["index"];
  return [method.toLowerCase(), ...words].join("_");
}
