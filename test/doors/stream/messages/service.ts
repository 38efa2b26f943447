// The ride-duration example's face, and records, for suites of message shapes: no model is opened.

import { integer, number, string, timestamp } from "../../../../src/data/field-builders.ts";
import { defineDeployment } from "../../../../src/deployment/define-deployment.ts";
import { resolveDeployment } from "../../../../src/deployment/resolve-deployment.ts";
import type { StreamSection } from "../../../../src/deployment/sections.ts";
import {
  type MessageShapeOptions,
  openMessageShape,
} from "../../../../src/doors/stream/messages/open-message-shape.ts";
import type { MessageShape } from "../../../../src/doors/stream/messages/shape.ts";
import type { StreamRecord } from "../../../../src/doors/stream/port.ts";

export const courseSection: StreamSection = {
  at: "ride",
  keep: ["ride_id"],
  model: "ride_duration_prediction_model",
  rename: { duration: "ride_duration" },
};

export function rideShape(section: StreamSection = {}, options: MessageShapeOptions = {}): MessageShape {
  const definition = defineDeployment({
    model: "./lin_reg.bin",
    input: {
      PULocationID: integer(),
      DOLocationID: integer(),
      trip_distance: number(),
      note: string().optional(),
      at: timestamp().optional(),
    },
    features: ({ trip_distance }) => ({ trip_distance }),
    output: { duration: number({ unit: "minute" }) },
    stream: section,
  });
  const deployment = resolveDeployment(definition, { name: "ride-duration" });
  return openMessageShape({ name: "ride-duration", deployment, methods: ["predict"] }, options);
}

export function bareShape(section: StreamSection = {}): MessageShape {
  return openMessageShape({ name: "lin_reg", deployment: null, methods: ["predict", "transform"] }, { section });
}

export type Headers = Readonly<Record<string, string>>;

export function record(value: string | Uint8Array | null, headers: Headers = {}): StreamRecord {
  return {
    topic: "rides",
    partition: 3,
    offset: 42n,
    key: Buffer.from("256"),
    value: typeof value === "string" ? Buffer.from(value) : value,
    headers: Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)] as const),
    timestamp: 1_700_000_000_000,
  };
}

/** The issues of a refused record as `path code`. */
export function refusal(
  shape: MessageShape,
  value: string | Uint8Array | null,
  headers: Headers = {},
): readonly string[] {
  const decoded = shape.decode(record(value, headers));
  return decoded.kind === "row" ? ["row"] : decoded.issues.map(({ path, code }) => `${path} ${code}`);
}
