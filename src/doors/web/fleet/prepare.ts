// Asks a process of its own to prepare targets, and gives what it found.
import { constants, setPriority } from "node:os";
import { trimaranError } from "../../../base/errors.ts";
import type { WebSection } from "../../../deployment/sections.ts";
import { toError } from "../../../io/carried-error.ts";
import { Child } from "../../../io/child.ts";
import type { TargetPlan, TargetRequest } from "../../../serving/slot/target-plan.ts";
import type { LoadSettings, PrepareMessage, PreparerMessage } from "./messages.ts";
import { processFile } from "./process-file.ts";

export interface Preparation {
  /** The `web` section of the first target's definition. Rejected as `plans` is. */
  readonly section: Promise<WebSection>;
  /** Rejected with what is wrong with a target; PREPARE_ENDED when reading it ended the process. */
  readonly plans: Promise<readonly TargetPlan[]>;
  cancel(): void;
}

/** `gives`: whether it leaves the processors to those that answer meanwhile. */
export function prepareTargets(
  requests: readonly TargetRequest[],
  load: LoadSettings,
  { gives }: { readonly gives: boolean },
): Preparation {
  const section = Promise.withResolvers<WebSection>();
  const plans = Promise.withResolvers<readonly TargetPlan[]>();
  // Who asks for one of the two hears of a failure there.
  section.promise.catch(() => {});
  plans.promise.catch(() => {});
  const fail = (error: unknown): void => {
    section.reject(error);
    plans.reject(error);
  };
  const killOnExit = (): void => child.kill();
  const child = new Child({
    entry: processFile("preparer"),
    onMessage: (raw) => {
      const message = raw as PreparerMessage;
      if (message.kind === "section") section.resolve(message.section);
      else if (message.kind === "prepared") plans.resolve(message.plans);
      else fail(toError(message.error));
    },
    onExit: ({ text }) => {
      process.removeListener("exit", killOnExit);
      fail(trimaranError("PREPARE_ENDED", { problem: text }));
    },
  });
  process.on("exit", killOnExit);
  if (gives) leaveProcessors(child.pid);
  child.send({ kind: "prepare", requests, load } satisfies PrepareMessage);
  return { section: section.promise, plans: plans.promise, cancel: () => child.kill() };
}

function leaveProcessors(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It has ended, or the system knows no priorities.
  }
}
