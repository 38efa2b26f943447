// Traces are begun and ended, and assessed.

import { randomUUID } from "node:crypto";
import type { MessageOf } from "../../mlflow/wire/field-type.ts";
import { assertLength } from "../../mlflow/wire/limits.ts";
import { invalidParameter, missingParameter } from "../../mlflow/wire/wire-error.ts";
import * as assessments from "../store/assessments.ts";
import { numberOf } from "../store/rows.ts";
import * as traces from "../store/traces.ts";
import type { TrackingStore } from "../store/tracking-store.ts";
import type { Handlers } from "./handler.ts";
import { infoV2 } from "./traces.ts";

/** What makes traces and assesses them. */
export type TraceWritingNames =
  | "startTrace"
  | "endTrace"
  | "startTraceV3"
  | "getAssessment"
  | "createAssessment"
  | "updateAssessment"
  | "deleteAssessment";

export const traceWritingHandlers: Handlers<TraceWritingNames> = {
  startTrace: async ({ experiment_id = "", timestamp_ms, request_metadata, tags }, { store }) => {
    if (experiment_id === "") throw missingParameter("experiment_id");
    const id = `tr-${randomUUID().replaceAll("-", "")}`;
    return store.database.transaction(async (statements) => {
      await traces.putTrace(store, statements, {
        id,
        experimentId: experiment_id,
        time: timestamp_ms ?? store.now(),
        duration: null,
        status: "IN_PROGRESS",
        clientRequestId: null,
        requestPreview: null,
        responsePreview: null,
        tags: mapOf(tags),
        metadata: mapOf(request_metadata),
      });
      const [answer] = await traces.traceAnswers(statements, [await traces.traceRow(statements, id)]);
      return { trace_info: answer === undefined ? undefined : infoV2(answer) };
    });
  },
  endTrace: ({ request_id, timestamp_ms, status = "OK", request_metadata, tags }, { store }) =>
    store.database.transaction(async (statements) => {
      const row = await traces.traceRow(statements, request_id);
      const duration = (timestamp_ms ?? store.now()) - numberOf(row, "timestamp_ms");
      await statements.run("UPDATE trace_info SET execution_time_ms = ?, status = ? WHERE request_id = ?", [
        duration,
        status,
        request_id,
      ]);
      const own = new Map([...mapOf(tags)].filter(([key]) => !traces.ownTags.has(key)));
      await traces.putFacts(store, statements, { id: request_id, tags: own, metadata: mapOf(request_metadata) });
      const [answer] = await traces.traceAnswers(statements, [await traces.traceRow(statements, request_id)]);
      return { trace_info: answer === undefined ? undefined : infoV2(answer) };
    }),
  startTraceV3: async ({ trace }, { store }) => {
    const info = trace.trace_info;
    if (info === undefined) throw missingParameter("trace.trace_info");
    const experimentId = info.trace_location?.mlflow_experiment?.experiment_id ?? "";
    if (experimentId === "") throw missingParameter("trace.trace_info.trace_location.mlflow_experiment.experiment_id");
    const id = info.trace_id ?? "";
    if (!/^[\w-]{1,50}$/.test(id)) {
      throw invalidParameter("Invalid trace ID: it must have 1 to 50 letters, digits, underscores and dashes.");
    }
    if (info.client_request_id !== undefined)
      assertLength(info.client_request_id, { path: "client_request_id", max: 50 });
    const time = timeOf(info.request_time) ?? store.now();
    return store.database.transaction(async (statements) => {
      await traces.putTrace(store, statements, {
        id,
        experimentId,
        time,
        duration: durationOf(info.execution_duration),
        status: info.state ?? "STATE_UNSPECIFIED",
        clientRequestId: info.client_request_id ?? null,
        requestPreview: info.request_preview ?? null,
        responsePreview: info.response_preview ?? null,
        tags: new Map(Object.entries(info.tags)),
        // From now on what its spans tell changes nothing of it.
        metadata: new Map(Object.entries({ ...info.trace_metadata, "mlflow.trace.infoFinalized": "true" })),
      });
      const row = await traces.traceRow(statements, id);
      for (const assessment of info.assessments) {
        await assessments.putAssessment(store.database, statements, { trace: row, assessment, time: store.now() });
      }
      const [answer] = await traces.traceAnswers(statements, [row]);
      return { trace: { trace_info: answer?.info } };
    });
  },
  getAssessment: async ({ trace_id, assessment_id }, { store }) => ({
    assessment: assessments.assessmentAnswer(await found(store, trace_id, assessment_id)),
  }),
  createAssessment: ({ trace_id, assessment }, { store }) => {
    if (!assessment.assessment_name) throw missingParameter("assessment.assessment_name");
    assertAssessment(assessment);
    return store.database.transaction(async (statements) => {
      const trace = await traces.traceRow(statements, trace_id);
      const id = await assessments.putAssessment(store.database, statements, { trace, assessment, time: store.now() });
      return { assessment: assessments.assessmentAnswer(await assessments.assessmentRow(statements, trace_id, id)) };
    });
  },
  updateAssessment: ({ trace_id, assessment_id: id, assessment, update_mask }, { store }) => {
    assertAssessment(assessment);
    const fields = new Set(
      update_mask.split(",").map((name) => name.trim().replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)),
    );
    return store.database.transaction(async (statements) => {
      await traces.traceRow(statements, trace_id);
      const change = { traceId: trace_id, id, assessment, fields, time: store.now() };
      await assessments.changeAssessment(store.database, statements, change);
      return { assessment: assessments.assessmentAnswer(await assessments.assessmentRow(statements, trace_id, id)) };
    });
  },
  deleteAssessment: async ({ trace_id, assessment_id }, { store }) => {
    await store.database.transaction(async (statements) => {
      await traces.traceRow(statements, trace_id);
      await assessments.dropAssessment(statements, trace_id, assessment_id);
    });
    return {};
  },
};

function assertAssessment({ assessment_name = "", source }: MessageOf<"Assessment">): void {
  assertLength(assessment_name, { path: "assessment.assessment_name", max: 250 });
  assertLength(source?.source_id ?? "", { path: "assessment.source.source_id", max: 250 });
}

async function found(
  { database }: TrackingStore,
  traceId: string,
  id: string,
): ReturnType<typeof assessments.assessmentRow> {
  await traces.traceRow(database, traceId);
  return assessments.assessmentRow(database, traceId, id);
}

function mapOf(list: readonly { readonly key?: string; readonly value?: string }[]): ReadonlyMap<string, string> {
  return new Map(list.map(({ key = "", value = "" }) => [key, value]));
}

function timeOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw invalidParameter("A time must be as in RFC 3339: 2026-01-31T12:00:00.5Z.");
  return time;
}

/** `1.5s` → milliseconds. */
function durationOf(text: string | undefined): number | null {
  if (text === undefined) return null;
  const seconds = /^(-?\d{1,12}(?:\.\d{1,9})?)s$/.exec(text)?.[1];
  if (seconds === undefined) throw invalidParameter("A duration must be seconds: 1.5s.");
  return Math.trunc(Number(seconds) * 1000 + Math.sign(Number(seconds)) * 1e-6);
}
