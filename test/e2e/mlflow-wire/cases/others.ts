// Artifacts, evaluation data sets, scorers, webhooks, and what the server says of itself.
import { get, patch, post, remove, type WireCase } from "../wire-case.ts";

const proxy = "/api/2.0/mlflow-artifacts/artifacts";
const put = (target: string, body: string): WireCase => ({
  method: "PUT",
  target,
  body,
  type: "application/octet-stream",
});

/** What the server does not offer, it does not speak of. */
const notTold = [
  "presigned_upload_run_id_supported",
  "presigned_upload_model_id_supported",
  "model_artifact_presigned_downloads_supported",
  "artifacts_presigned_only",
  "tracking_auth",
  "scheduled_issue_detection_enabled",
];

const artifacts: readonly WireCase[] = [
  get("/health"),
  get("/version"),
  get("3:server-info", {
    except: [...notTold, "features_enabled", "skill_content_max_size", "skill_content_max_files"],
  }),
  put(`${proxy}/0/$maker/artifacts/a.txt`, "hello"),
  put(`${proxy}/0/$maker/artifacts/dir/b.json`, "{}"),
  put(`${proxy}/%2e%2e/x`, "hello"),
  get(`${proxy}/0/$maker/artifacts/a.txt`),
  get(`${proxy}/0/$maker/artifacts/none.txt`),
  get(`${proxy}?path=0/$maker/artifacts`),
  get(`${proxy}?path=0/$maker/artifacts/dir`),
  get(`${proxy}?path=none`),
  get(`${proxy}?path=../x`),
  get("artifacts/list?run_id=$maker"),
  get("artifacts/list?run_id=$maker&path=dir"),
  get("artifacts/list?run_id=$maker&path=none"),
  get("artifacts/list?run_id=$maker&path=../path"),
  get("artifacts/list?run_id=0123456789abcdef0123456789abcdef"),
  get("artifacts/list"),
  get("/get-artifact?run_id=$maker&path=a.txt"),
  get("/get-artifact?run_uuid=$maker&path=dir/b.json"),
  get("/get-artifact?run_id=$maker&path=none"),
  get("/get-artifact?run_id=$maker&path=../path"),
  get("/get-artifact?run_id=0123456789abcdef0123456789abcdef&path=a"),
  get("/model-versions/get-artifact?name=m&version=3&path=../path"),
  get("/model-versions/get-artifact?name=none&version=3&path=path"),
  post("/ajax-api/2.0/mlflow/upload-artifact", undefined),
  post("/ajax-api/2.0/mlflow/upload-artifact?run_uuid=$maker", undefined),
  post("/ajax-api/2.0/mlflow/upload-artifact?run_uuid=$maker&path=", undefined),
  post("/ajax-api/2.0/mlflow/upload-artifact?run_uuid=$maker&path=../test.txt", undefined),
  post("/ajax-api/2.0/mlflow/upload-artifact?run_uuid=$maker&path=test.txt", undefined),
  post("/ajax-api/2.0/mlflow/upload-artifact?run_uuid=$maker&path=test.txt", "hello world", { type: "text/plain" }),
  get("/get-artifact?run_uuid=$maker&path=test.txt"),
  remove(`${proxy}/0/$maker/artifacts/a.txt`, undefined),
  remove(`${proxy}/0/$maker/artifacts/a.txt`, undefined),
  remove(`${proxy}/0/$maker/artifacts/dir`, undefined),
  get("artifacts/list?run_id=$maker"),
  post("/api/2.0/mlflow-artifacts/mpu/create/0/x", { path: "x", num_parts: 2 }),
];

const datasets: readonly WireCase[] = [
  post(
    "3:datasets/create",
    { name: "questions", experiment_ids: ["0"], tags: '{"team": "a"}' },
    { keep: { dataset: "dataset.dataset_id" }, except: ["digest", "experiment_ids"] },
  ),
  post("3:datasets/create", {}),
  get("3:datasets/$dataset", { except: ["digest", "experiment_ids"] }),
  get("3:datasets/d-none"),
  post("3:datasets/search", {}, { except: ["digest", "experiment_ids"] }),
  post(
    "3:datasets/search",
    { filter_string: "name LIKE 'quest%'", order_by: ["name ASC"] },
    { except: ["digest", "experiment_ids"] },
  ),
  post("3:datasets/search", { experiment_ids: ["77"] }),
  post("3:datasets/search", { filter_string: "nope = 'x'" }),
  patch("3:datasets/$dataset/tags", { tags: '{"b": "2"}' }),
  remove("3:datasets/$dataset/tags/b", undefined),
  post("3:datasets/$dataset/records", { records: '[{"inputs": {"q": 1}, "expectations": {"a": 2}}]' }),
  post("3:datasets/$dataset/records", { records: '[{"inputs": {"q": 1}, "tags": {"t": "x"}}, {"inputs": {"q": 2}}]' }),
  post("3:datasets/$dataset/records", { records: "x" }),
  get("3:datasets/$dataset/experiment-ids"),
  get("3:datasets/d-none/experiment-ids"),
  post("3:datasets/$dataset/add-experiments", { experiment_ids: ["1"] }, { except: ["digest", "experiment_ids"] }),
  post("3:datasets/$dataset/remove-experiments", { experiment_ids: ["1"] }, { except: ["digest", "experiment_ids"] }),
  get("3:datasets/$dataset", { except: ["digest", "experiment_ids"] }),
  remove("3:datasets/$dataset", undefined),
  get("3:datasets/$dataset"),
];

const scorer = JSON.stringify({
  name: "exact",
  mlflow_version: "3.18.0",
  serialization_version: 1,
  instructions_judge_pydantic_data: {
    instructions: "Is {{ outputs }} right?",
    model: "openai:/gpt-4o",
    feedback_value_type: { type: "string" },
  },
});
const scorers: readonly WireCase[] = [
  post(
    "3:scorers/register",
    { experiment_id: "0", name: "exact", serialized_scorer: scorer },
    { keep: { scorer: "scorer_id" } },
  ),
  post("3:scorers/register", { experiment_id: "0", name: "exact", serialized_scorer: scorer }),
  post("3:scorers/register", { experiment_id: "77", name: "exact", serialized_scorer: scorer }),
  post("3:scorers/register", { name: "exact" }),
  get("3:scorers/list?experiment_id=0", { except: ["serialized_scorer"] }),
  get("3:scorers/versions?experiment_id=0&name=exact", { except: ["serialized_scorer"] }),
  get("3:scorers/versions?experiment_id=0&name=none"),
  get("3:scorers/get?experiment_id=0&name=exact"),
  get("3:scorers/get?experiment_id=0&name=exact&version=1"),
  get("3:scorers/get?experiment_id=0&name=exact&version=9"),
  remove("3:scorers/delete", { experiment_id: "0", name: "exact", version: 1 }),
  remove("3:scorers/delete", { experiment_id: "0", name: "exact" }),
  remove("3:scorers/delete", { experiment_id: "0", name: "exact" }),
];

const created = [{ entity: "REGISTERED_MODEL", action: "CREATED" }];
const webhooks: readonly WireCase[] = [
  post(
    "webhooks",
    { name: "hook", url: "https://8.8.8.8/x", events: created, description: "d" },
    { keep: { hook: "webhook.webhook_id" } },
  ),
  post("webhooks", { name: "hook", url: "http://8.8.8.8/x", events: created }),
  post("webhooks", { name: "hook", url: "https://127.0.0.1/x", events: created }),
  post("webhooks", { name: "hook", url: "https://8.8.8.8/x", events: [] }),
  post("webhooks", { name: "hook", url: "https://8.8.8.8/x", events: [{ entity: "REGISTERED_MODEL", action: "SET" }] }),
  post("webhooks", { name: "-hook", url: "https://8.8.8.8/x", events: created }),
  post("webhooks", { url: "https://8.8.8.8/x", events: created }),
  get("webhooks/$hook"),
  get("webhooks/none"),
  get("webhooks"),
  get("webhooks?max_results=0"),
  patch("webhooks/$hook", { name: "renamed", status: "DISABLED" }),
  patch("webhooks/none", { name: "renamed" }),
  remove("webhooks/$hook", undefined),
  remove("webhooks/$hook", undefined),
  get("webhooks"),
];

export const otherCases: readonly WireCase[] = [...artifacts, ...datasets, ...scorers, ...webhooks];
