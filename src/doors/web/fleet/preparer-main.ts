// A short-lived process that reads what a user gave us: it settles the targets, verifies the models and packs them, and ends.
// Whatever a model file does to it, the service goes on.
import process from "node:process";
import { findDefinition, openDefinition } from "../../../deployment/open-definition.ts";
import { isUri } from "../../../deployment/resolve-model-uri.ts";
import { carryError } from "../../../io/carried-error.ts";
import { splitMembers } from "../../../loaders/split-members.ts";
import { expandTarget } from "../../../serving/slot/expand-target.ts";
import { prepareTarget } from "../../../serving/slot/prepare-target.ts";
import type { PrepareMessage, PreparerMessage } from "./messages.ts";

function tell(message: PreparerMessage): void {
  process.send?.(message);
}

async function prepare({ requests, load }: PrepareMessage): Promise<void> {
  try {
    const { target: first = "", isModel = false } = requests[0] ?? {};
    const isPlain = isModel || (isUri(first) && !/^file:/i.test(first)) || splitMembers(first).members.length > 0;
    const file = isPlain ? null : await findDefinition(first);
    const section = file === null ? {} : (await openDefinition(file)).definition.web;
    tell({ kind: "section", section: section ?? {} });
    const plans = [];
    for (const request of requests) {
      const versions = request.version === undefined ? await expandTarget(request, request.versions) : [request];
      for (const version of versions) plans.push(await prepareTarget(version, load));
    }
    tell({ kind: "prepared", plans });
  } catch (error) {
    tell({ kind: "failed", error: carryError(error) });
  }
  process.disconnect();
}

// Ctrl-C reaches every process of a terminal; the supervisor decides.
for (const signal of ["SIGINT", "SIGHUP", "SIGTERM"] as const) process.on(signal, () => {});
// What is left of it after its answer (timers of a definition, say) does not keep it; nor does it outlive the supervisor.
process.once("disconnect", () => process.exit());
process.once("message", (message) => void prepare(message as PrepareMessage));
