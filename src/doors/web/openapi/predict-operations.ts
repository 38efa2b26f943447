// `/predict` in the document: the deployment's own fields, as one row, as an array and as NDJSON.
import { jsonValueText } from "../../../data/json-value-text.ts";
import type { JsonObject } from "./json-value.ts";
import {
  answerHeaders,
  anyOf,
  type DocumentedService,
  type Operation,
  type OperationContext,
  schemaRef,
  servicesOf,
} from "./operation-context.ts";

export const predictOperations: Readonly<Record<string, Operation>> = {
  "POST /predict": (context, only) => predictOperation(context, servicesOf(context, "first", only)),
  "POST /predict/{name}": (context, only) => predictOperation(context, servicesOf(context, "any", only)),
};

function predictOperation(context: OperationContext, services: readonly DocumentedService[]): ReturnType<Operation> {
  const { maxRows, bodyLimit } = context;
  return {
    tag: "Predictions",
    asks: true,
    description:
      "One row gives one answer, an array of rows an array; one bad row refuses the whole array with every problem in `issues`. " +
      'As `application/x-ndjson` each line is a row and each line of the answer belongs to it, with `{"error":{…}}` in the place of a row ' +
      `that cannot be answered. At most ${maxRows} rows and ${bodyLimit} bytes a request, also after decompression (gzip, deflate, br, zstd).`,
    parameters: [{ $ref: "#/components/parameters/Meta" }],
    requestBody: {
      required: true,
      content: {
        "application/json": { schema: bodySchema(services, maxRows), examples: bodyExamples(services) },
        "application/x-ndjson": { schema: { type: "string" }, ...ndjsonExample(services) },
      },
    },
    responses: {
      "200": {
        description: "The predictions, in the order of the rows.",
        headers: answerHeaders,
        content: {
          "application/json": { schema: answerSchema(services), examples: answerExamples(services) },
          "application/x-ndjson": { schema: { type: "string" } },
        },
      },
    },
  };
}

function bodySchema(services: readonly DocumentedService[], maxRows: number): JsonObject {
  return anyOf(
    services.flatMap((service) => {
      const row = schemaRef("Row", service);
      const array = { type: "array", items: row, maxItems: maxRows };
      return service.rowIsObject ? [row, array] : [array];
    }),
  );
}

function answerSchema(services: readonly DocumentedService[]): JsonObject {
  return anyOf(
    services.flatMap((service) => {
      const answer = schemaRef("Answer", service);
      const meta = {
        type: "object",
        description: "With `?meta=true`.",
        properties: { output: schemaRef("Output", service), meta: { $ref: "#/components/schemas/Meta" } },
        required: ["output", "meta"],
      };
      const lists = [answer, meta].map((items) => ({ type: "array", items }));
      return [answer, meta, ...lists];
    }),
  );
}

function bodyExamples(services: readonly DocumentedService[]): JsonObject {
  return Object.fromEntries(
    services.flatMap(({ key, examples, rowIsObject }) =>
      examples.slice(0, 5).map(({ input }, index) => [`${key}-${index + 1}`, { value: rowIsObject ? input : [input] }]),
    ),
  );
}

function answerExamples(services: readonly DocumentedService[]): JsonObject {
  return Object.fromEntries(
    services.flatMap(({ key, examples, rowIsObject }) =>
      examples
        .slice(0, 5)
        .flatMap(({ output }, index) =>
          output === undefined || !rowIsObject ? [] : [[`${key}-${index + 1}`, { value: output }]],
        ),
    ),
  );
}

function ndjsonExample([first]: readonly DocumentedService[]): JsonObject {
  const lines = first?.examples.slice(0, 2).map(({ input }) => `${jsonValueText(input)}\n`) ?? [];
  return lines.length === 0 ? {} : { example: lines.join("") };
}
