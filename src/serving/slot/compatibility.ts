// A new version against the callers of the one that serves: what they send must still be taken, and what they read must still come.
import type { Issue } from "../../base/errors.ts";
import { jsonPointer } from "../../data/json-pointer.ts";
import type { ModelInput, RecordFeature } from "../../data/model-input.ts";
import type { ResolvedDeployment } from "../../deployment/resolved-deployment.ts";
import type { PredictionService } from "../prediction-service.ts";

export function compatibilityIssues(serving: PredictionService, next: PredictionService): readonly Issue[] {
  if (serving.deployment !== null && next.deployment !== null) {
    return definitionIssues(serving.deployment, next.deployment);
  }
  if (serving.deployment !== null || next.deployment !== null) {
    const message = "A definition and a model alone do not take the same rows.";
    return [{ path: "", code: "other_kind", message }];
  }
  const lost = serving.methods.filter((method) => !next.methods.includes(method));
  return [
    ...inputIssues(serving.input, next.input),
    ...lost.map((method) => ({
      path: "/methods",
      code: "lost_method",
      message: `The new version has no method ${method}.`,
    })),
  ];
}

function definitionIssues(serving: ResolvedDeployment, next: ResolvedDeployment): Issue[] {
  const issues: Issue[] = [];
  for (const side of ["input", "output"] as const) {
    for (const [name, field] of Object.entries(serving[side])) {
      const path = `/${side}${jsonPointer(name)}`;
      const other = next[side][name];
      if (other === undefined) {
        issues.push({ path, code: "lost_field", message: `The new version has no ${side} field ${name}.` });
      } else if (other.spec.kind !== field.spec.kind) {
        const message = `${name} was ${field.spec.kind} and becomes ${other.spec.kind}.`;
        issues.push({ path, code: "other_type", message });
      }
    }
  }
  for (const [name, field] of Object.entries(next.input)) {
    if (serving.input[name] !== undefined || field.spec.presence !== "required") continue;
    const path = `/input${jsonPointer(name)}`;
    issues.push({ path, code: "new_required", message: `The new version needs ${name}, which callers do not send.` });
  }
  return issues;
}

function inputIssues(serving: ModelInput, next: ModelInput): Issue[] {
  if (serving.kind === "records" && next.kind === "records") return recordIssues(serving.features, next.features);
  if (serving.kind === "records" || next.kind === "records") {
    const message = `The model took ${serving.kind}; the new version takes ${next.kind}.`;
    return [{ path: "", code: "other_kind", message }];
  }
  if (!next.named || !serving.named) {
    if (serving.columns.length === next.columns.length) return [];
    const message = `The model took ${serving.columns.length} columns; the new version takes ${next.columns.length}.`;
    return [{ path: "", code: "other_width", message }];
  }
  const known = new Set(serving.columns.map(({ name }) => name));
  const kept = new Set(next.columns.map(({ name }) => name));
  return [
    ...[...known].filter((name) => !kept.has(name)).map(lostFeature),
    ...next.columns.filter(({ name, nullable }) => !known.has(name) && !nullable).map(({ name }) => newFeature(name)),
  ];
}

/** Which categories a vocabulary holds changes with every training; a numeric feature is the shape of the row. */
function recordIssues(serving: readonly RecordFeature[], next: readonly RecordFeature[]): Issue[] {
  const known = new Set(serving.map(({ name }) => name));
  const kept = new Set(next.map(({ name }) => name));
  return [
    ...[...known].filter((name) => !kept.has(name)).map(lostFeature),
    ...next.filter(({ name, numeric }) => numeric && !known.has(name)).map(({ name }) => newFeature(name)),
  ];
}

function lostFeature(name: string): Issue {
  return { path: jsonPointer(name), code: "lost_field", message: `The new version does not take ${name}.` };
}

function newFeature(name: string): Issue {
  return {
    path: jsonPointer(name),
    code: "new_required",
    message: `The new version needs ${name}, which callers do not send.`,
  };
}
