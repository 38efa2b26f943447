// What the operations of the document are written from.
import type { ErrorCode } from "../../../base/error-table.ts";
import type { JsonObject } from "./json-value.ts";
import type { ServiceSchemas } from "./service-schemas.ts";

export interface DocumentedService extends ServiceSchemas {
  readonly name: string;
  readonly versions: readonly string[];
  /** Of its schemas: `Row.<key>`, `Answer.<key>`. */
  readonly key: string;
}

export interface OperationContext {
  /** In the catalog's order: the first one answers the short routes. */
  readonly services: readonly DocumentedService[];
  readonly hasKeys: boolean;
  readonly maxRows: number;
  readonly bodyLimit: number;
}

export interface OperationParts {
  readonly tag: string;
  readonly description?: string;
  /** It takes a body and asks a model. */
  readonly asks?: boolean;
  /** It needs no API key. */
  readonly open?: boolean;
  readonly errors?: readonly ErrorCode[];
  readonly parameters?: readonly JsonObject[];
  readonly requestBody?: JsonObject;
  readonly responses: JsonObject;
}

/** `only`: the service that the path names, where it does not stand in a parameter. */
export type Operation = (context: OperationContext, only?: string) => OperationParts;

/** The services that may answer: the named one, the first one, or with a parameter any. */
export function servicesOf(
  { services }: OperationContext,
  which: "first" | "any",
  only: string | undefined,
): readonly DocumentedService[] {
  if (only !== undefined) return services.filter(({ name }) => name === only);
  return which === "first" ? services.slice(0, 1) : services;
}

/** One schema for whichever of the services answers. */
export function anyOf(schemas: readonly JsonObject[]): JsonObject {
  const [first, ...others] = schemas;
  if (first === undefined) return {};
  return others.length === 0 ? first : { anyOf: schemas };
}

export function schemaRef(kind: "Row" | "Answer" | "Output", { key }: DocumentedService): JsonObject {
  return { $ref: `#/components/schemas/${kind}.${key}` };
}

export const answerHeaders: JsonObject = {
  "x-request-id": { $ref: "#/components/headers/RequestId" },
  "x-prediction-id": { $ref: "#/components/headers/PredictionId" },
  "x-model-version": { $ref: "#/components/headers/ModelVersion" },
  "x-trimaran-warnings": { $ref: "#/components/headers/Warnings" },
};

export const plainHeaders: JsonObject = { "x-request-id": { $ref: "#/components/headers/RequestId" } };
