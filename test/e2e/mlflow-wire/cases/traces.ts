// Traces of both generations, their tags, assessments, searches and figures.
import { get, patch, post, remove, type WireCase } from "../wire-case.ts";

const location = { type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id: "0" } };
const trace = (id: string, more: object = {}): object => ({
  trace: {
    trace_info: {
      trace_id: id,
      trace_location: location,
      request_time: "2026-01-02T03:04:05.678Z",
      execution_duration: "1.500s",
      state: "OK",
      ...more,
    },
  },
});
const search = (filter: string, more: object = {}): WireCase =>
  post("3:traces/search", { locations: [location], filter, order_by: ["timestamp_ms ASC"], ...more });
const figures = (body: object): WireCase =>
  post("3:traces/metrics", {
    experiment_ids: ["0"],
    view_type: "TRACES",
    aggregations: [{ aggregation_type: "COUNT" }],
    ...body,
  });
const count = [{ aggregation_type: "COUNT" }];
const all = ["AVG", "MIN", "MAX"].map((aggregation_type) => ({ aggregation_type }));
const percentiles = [50, 95].map((percentile_value) => ({ aggregation_type: "PERCENTILE", percentile_value }));

const written: readonly WireCase[] = [
  post(
    "3:traces",
    trace("tr-1", {
      request_preview: "why?",
      response_preview: "so",
      tags: { "mlflow.traceName": "one", a: "1" },
      trace_metadata: {
        "mlflow.trace.session": "s-1",
        k: "v",
        "mlflow.trace.tokenUsage": '{"input_tokens": 10, "output_tokens": 5, "total_tokens": 15}',
      },
    }),
  ),
  post(
    "3:traces",
    trace("tr-2", {
      request_time: "2026-01-02T03:04:06Z",
      execution_duration: "0.25s",
      state: "ERROR",
      tags: { "mlflow.traceName": "two" },
    }),
  ),
  post(
    "3:traces",
    trace("tr-3", {
      request_time: "2026-01-02T04:04:06Z",
      execution_duration: "3s",
      tags: { "mlflow.traceName": "one" },
      client_request_id: "c-3",
    }),
  ),
  post(
    "3:traces",
    trace("tr-4", { request_time: "2026-01-02T05:00:00Z", state: "IN_PROGRESS", execution_duration: undefined }),
  ),
  post(
    "3:traces",
    trace("tr-5", { trace_location: { type: "MLFLOW_EXPERIMENT", mlflow_experiment: { experiment_id: "77" } } }),
  ),
  post("3:traces", {}),
  get("3:traces/tr-1"),
  get("3:traces/tr-none"),
  get("3:traces/get?trace_id=tr-1"),
  get("3:traces/get?trace_id=tr-1&allow_partial=true"),
  get("3:traces/get?trace_id=tr-none"),
  get("3:traces/batchGet?trace_ids=tr-1&trace_ids=tr-none"),
  post("3:traces/batchGetInfos", { trace_ids: ["tr-2", "tr-none"] }),
  patch("3:traces/tr-1/tags", { trace_id: "tr-1", key: "b", value: "2" }),
  patch("3:traces/tr-none/tags", { trace_id: "tr-none", key: "b", value: "2" }),
  patch("traces/tr-1/tags", { request_id: "tr-1", key: "c", value: "3" }),
  remove("3:traces/tr-1/tags", { key: "b" }),
  remove("3:traces/tr-1/tags", { key: "b" }),
  remove("traces/tr-1/tags", { key: "c" }),
  post(
    "traces",
    {
      experiment_id: "0",
      timestamp_ms: 1000,
      request_metadata: [{ key: "m", value: "1" }],
      tags: [{ key: "t", value: "1" }],
    },
    { keep: { old: "trace_info.request_id" } },
  ),
  patch("traces/$old", {
    request_id: "$old",
    timestamp_ms: 3000,
    status: "OK",
    request_metadata: [{ key: "m", value: "2" }],
    tags: [{ key: "u", value: "2" }],
  }),
  get("traces/$old/info"),
  get("traces/tr-none/info"),
  get("traces?experiment_ids=0&max_results=2&order_by=timestamp_ms%20ASC"),
  get("traces?experiment_ids=0&filter=status%20%3D%20'ERROR'"),
  get("traces"),
];

const assessed: readonly WireCase[] = [
  post(
    "3:traces/tr-1/assessments",
    {
      assessment: {
        assessment_name: "good",
        trace_id: "tr-1",
        source: { source_type: "HUMAN", source_id: "ann" },
        feedback: { value: true },
        rationale: "r",
        metadata: { m: "1" },
        create_time: "2026-01-02T03:04:11Z",
        last_update_time: "2026-01-02T03:04:05Z",
      },
    },
    { keep: { good: "assessment.assessment_id" } },
  ),
  post("3:traces/tr-1/assessments", {
    assessment: {
      assessment_name: "score",
      trace_id: "tr-1",
      source: { source_type: "CODE", source_id: "x" },
      feedback: { value: 0.5 },
      create_time: "2026-01-02T03:04:12Z",
      last_update_time: "2026-01-02T03:04:05Z",
    },
  }),
  post("3:traces/tr-2/assessments", {
    assessment: {
      assessment_name: "score",
      trace_id: "tr-2",
      source: { source_type: "CODE", source_id: "x" },
      feedback: { value: 1.5 },
      create_time: "2026-01-02T03:04:13Z",
      last_update_time: "2026-01-02T03:04:05Z",
    },
  }),
  post("3:traces/tr-1/assessments", {
    assessment: {
      assessment_name: "answer",
      trace_id: "tr-1",
      source: { source_type: "HUMAN", source_id: "ann" },
      expectation: { value: "42" },
      create_time: "2026-01-02T03:04:14Z",
      last_update_time: "2026-01-02T03:04:05Z",
    },
  }),
  post("3:traces/tr-none/assessments", {
    assessment: {
      assessment_name: "good",
      trace_id: "tr-none",
      source: { source_type: "HUMAN", source_id: "ann" },
      feedback: { value: true },
      create_time: "2026-01-02T03:04:15Z",
      last_update_time: "2026-01-02T03:04:05Z",
    },
  }),
  get("3:traces/tr-1/assessments/$good"),
  get("3:traces/tr-1/assessments/a-none"),
  patch("3:traces/tr-1/assessments/$good", {
    assessment: { assessment_id: "$good", trace_id: "tr-1", feedback: { value: false } },
    update_mask: "feedback",
  }),
  get("3:traces/tr-1"),
];

const searched: readonly WireCase[] = [
  search(""),
  search("status = 'OK'"),
  search("trace.status = 'ERROR'"),
  search("status IN ('OK', 'ERROR')"),
  search("name = 'one'"),
  search("name RLIKE '^o.e$'"),
  search("attributes.name LIKE 'o%' AND tags.a = '1'"),
  search("tags.a IS NULL"),
  search("tag.a != '1'"),
  search("tags.a RLIKE '[0-9]'"),
  search("metadata.k = 'v'"),
  search("metadata.`mlflow.trace.session` = 's-1'"),
  search("request_metadata.k LIKE 'v%'"),
  search("timestamp_ms > 1767323045678"),
  search("execution_time_ms >= 1500"),
  search("execution_time = 250"),
  search("client_request_id = 'c-3'"),
  search("feedback.good = 'false'"),
  search("feedback.score > 0.2"),
  search("expectation.answer = '42'"),
  search("feedback.none IS NOT NULL"),
  search("trace_id = 'tr-2'"),
  search("request_id IN ('tr-1', 'tr-2')"),
  search("nope = 'x'"),
  search("status > 'OK'"),
  search("status = OK"),
  search("span.name = 'x'"),
  search("span.nope = 'x'"),
  search("name = 'a' OR name = 'b'"),
  search("timestamp_ms = 'x'"),
  search("", { order_by: ["execution_time DESC"] }),
  search("", { order_by: ["tags.a ASC", "timestamp DESC"] }),
  search("", { order_by: ["nope"] }),
  search("", { max_results: 2 }),
  search("", { max_results: 0 }),
  search("", { max_results: 501 }),
  search("", { page_token: "x" }),
  post("3:traces/search", { locations: [] }),
  post("3:traces/search", {}),
];

const measured: readonly WireCase[] = [
  figures({ metric_name: "trace_count" }),
  figures({ metric_name: "trace_count", dimensions: ["trace_name"] }),
  figures({ metric_name: "trace_count", dimensions: ["trace_name", "trace_status"] }),
  figures({ metric_name: "session_count" }),
  figures({ metric_name: "latency", aggregations: all }),
  figures({ metric_name: "latency", aggregations: percentiles, dimensions: ["trace_name"] }),
  figures({ metric_name: "latency", aggregations: [...all, ...percentiles] }),
  figures({ metric_name: "total_tokens", aggregations: [{ aggregation_type: "SUM" }] }),
  figures({ metric_name: "input_tokens", aggregations: all, dimensions: ["trace_name"] }),
  figures({
    metric_name: "trace_count",
    time_interval_seconds: 3600,
    start_time_ms: 1767316000000,
    end_time_ms: 1767340000000,
  }),
  figures({
    metric_name: "latency",
    aggregations: percentiles,
    time_interval_seconds: 60,
    start_time_ms: 1767316000000,
    end_time_ms: 1767340000000,
    dimensions: ["trace_name"],
  }),
  figures({ metric_name: "trace_count", start_time_ms: 1767323046000 }),
  figures({ metric_name: "trace_count", filters: ["trace.status = 'OK'"] }),
  figures({ metric_name: "trace_count", filters: ["trace.tag.a = '1'"] }),
  figures({ metric_name: "trace_count", filters: ["trace.metadata.k = 'v'"] }),
  figures({ metric_name: "trace_count", filters: ["trace.metadata.`mlflow.trace.session` = 's-1'"] }),
  figures({ metric_name: "trace_count", filters: ["trace.tag.`mlflow.traceName` = 'one'"] }),
  figures({ metric_name: "trace_count", filters: ["trace.status != 'OK'"] }),
  figures({ metric_name: "trace_count", filters: ["trace.tag = 'OK'"] }),
  figures({ metric_name: "trace_count", filters: ["span.name = 'OK'"] }),
  figures({ metric_name: "trace_count", filters: ["nope.name = 'OK'"] }),
  figures({ metric_name: "trace_count", max_results: 1, dimensions: ["trace_name"] }),
  figures({ metric_name: "nope" }),
  figures({ metric_name: "trace_count", aggregations: [{ aggregation_type: "SUM" }] }),
  figures({ metric_name: "trace_count", dimensions: ["span_name"] }),
  figures({ metric_name: "trace_count", time_interval_seconds: 60 }),
  figures({ metric_name: "trace_count", aggregations: [] }),
  figures({}),
  figures({ view_type: "SPANS", metric_name: "span_count", dimensions: ["span_type"] }),
  figures({ view_type: "SPANS", metric_name: "latency", aggregations: all }),
  figures({ view_type: "ASSESSMENTS", metric_name: "assessment_count", dimensions: ["assessment_name"] }),
  figures({
    view_type: "ASSESSMENTS",
    metric_name: "assessment_value",
    aggregations: [...all, ...percentiles],
    dimensions: ["assessment_name"],
  }),
  figures({
    view_type: "ASSESSMENTS",
    metric_name: "assessment_count",
    filters: ["assessment.type = 'feedback'"],
    aggregations: count,
  }),
  figures({
    view_type: "ASSESSMENTS",
    metric_name: "assessment_count",
    dimensions: ["assessment_value", "assessment_name"],
  }),
  post("3:traces/calculate-filter-correlation", {
    experiment_ids: ["0"],
    filter_string1: "name = 'one'",
    filter_string2: "status = 'OK'",
  }),
  get("/ajax-api/2.0/mlflow/get-trace-artifact?request_id=tr-none"),
  get("/ajax-api/2.0/mlflow/get-trace-artifact?request_id=tr-1"),
  get("/ajax-api/2.0/mlflow/get-trace-artifact"),
  get("/ajax-api/2.0/mlflow/get-trace-artifact?request_id=tr-1&path=../x"),
];

const gone: readonly WireCase[] = [
  post("traces/link-to-run", { trace_ids: ["tr-1"], run_id: "$maker" }),
  post("traces/link-to-run", { trace_ids: [], run_id: "$maker" }),
  remove("3:traces/tr-1/assessments/$good", undefined),
  remove("3:traces/tr-1/assessments/$good", undefined),
  post("3:traces/delete-traces", { experiment_id: "0", request_ids: ["tr-1"] }),
  post("traces/delete-traces", { experiment_id: "0", max_timestamp_millis: 1767323050000, max_traces: 10 }),
  post("traces/delete-traces", { experiment_id: "0" }),
  post("traces/delete-traces", { experiment_id: "0", request_ids: ["a"], max_traces: 1 }),
  search(""),
];

export const traceCases: readonly WireCase[] = [...written, ...assessed, ...searched, ...measured, ...gone];
