// A process that reads what a user gave us: it settles the targets, verifies the models and packs them, and is ended soon after.
// Whatever a model file does to it, the service goes on.
import process from "node:process";
import { findDefinition, openDefinition } from "../../../deployment/open-definition.ts";
import { isUri } from "../../../deployment/resolve-model-uri.ts";
import type { WebSection } from "../../../deployment/sections.ts";
import { carryError } from "../../../io/carried-error.ts";
import { splitMembers } from "../../../loaders/split-members.ts";
import { expandTarget, settleTarget } from "../../../serving/slot/expand-target.ts";
import { prepareTarget } from "../../../serving/slot/prepare-target.ts";
import type { TargetRequest } from "../../../serving/slot/target-plan.ts";
import type { PrepareMessage, PreparerMessage } from "./messages.ts";

function tell(message: PreparerMessage): void {
  process.send?.(message);
}

async function prepare({ requests, load }: PrepareMessage): Promise<void> {
  try {
    const all = await Promise.all(requests.map(expand));
    tell({ kind: "section", section: await sectionOf(all[0]?.[0]) });
    const plans = [];
    for (const request of all.flat()) plans.push(await prepareTarget(request, load));
    tell({ kind: "prepared", plans });
  } catch (error) {
    tell({ kind: "failed", error: carryError(error) });
  }
}

async function expand(request: TargetRequest): Promise<readonly TargetRequest[]> {
  return request.version === undefined ? expandTarget(request, request.versions) : [request];
}

/** The `web` section of the definition that it stands for. */
async function sectionOf(request: TargetRequest | undefined): Promise<WebSection> {
  if (request === undefined || request.isModel === true) return {};
  const { place } = await settleTarget(request);
  const isModel = (isUri(place) && !/^file:/i.test(place)) || splitMembers(place).members.length > 0;
  const file = isModel ? null : await findDefinition(place);
  return (file === null ? null : (await openDefinition(file)).definition.web) ?? {};
}

// Ctrl-C reaches every process of a terminal; the supervisor decides.
for (const signal of ["SIGINT", "SIGHUP", "SIGTERM"] as const) process.on(signal, () => {});
// It does not outlive the supervisor, whatever is left of a definition (timers, say).
process.once("disconnect", () => process.exit());
process.on("message", (message) => void prepare(message as PrepareMessage));
