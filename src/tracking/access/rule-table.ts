// One rule for every endpoint that there is: a new one does not compile without.
import type { EndpointName, EndpointTable } from "../../mlflow/endpoint-table.ts";
import { signedPath } from "../artifacts/signed-path.ts";
import { anyone, onExperiment, open, type Rule } from "./rule.ts";
import { accessRules } from "./rules/access-rules.ts";
import { artifactRules } from "./rules/artifact-rules.ts";
import { experimentRules } from "./rules/experiment-rules.ts";
import { registryRules } from "./rules/registry-rules.ts";
import { traceRules } from "./rules/trace-rules.ts";

const rules = {
  ...accessRules,
  ...artifactRules,
  ...experimentRules,
  ...registryRules,
  ...traceRules,
} satisfies { [Name in EndpointName]: Rule<EndpointTable[Name]> | typeof open };

/** Routes that are no endpoints, by their path. The signature of a signed URL is its permission. */
const ruleOfPath: ReadonlyMap<string, Rule | typeof open> = new Map<string, Rule | typeof open>([
  ["/", anyone],
  ["/v1/traces", onExperiment("update")],
  [`${signedPath}/{act}/{artifact_path...}`, open],
]);

/** Null: there is no rule, so only administrators may. */
export function ruleOf(name: string): Rule | typeof open | null {
  if (Object.hasOwn(rules, name)) return rules[name as EndpointName] as unknown as Rule | typeof open;
  return ruleOfPath.get(name) ?? null;
}
