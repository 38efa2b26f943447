// What the supervisor says of its workers, as sentences for a log.
import type { GroupEvent } from "../../../io/process-group.ts";
import type { TargetPlan } from "../../../serving/slot/target-plan.ts";
import { answeringPlan, type Launch, standingOf } from "./launch.ts";
import type { ModelChange } from "./model-change.ts";

export interface LeveledText {
  readonly level: "info" | "warn";
  readonly text: string;
}

export function groupEventText(event: GroupEvent): LeveledText {
  const { pid } = event.member.child;
  switch (event.kind) {
    case "died": {
      const wait = event.retryMs === 0 ? "" : ` in ${event.retryMs / 1000} s`;
      return { level: "warn", text: `Worker ${pid} ended with ${event.how}; another one is started${wait}.` };
    }
    case "stuck":
      return { level: "warn", text: `Worker ${pid} gave no sign for ${Math.round(event.silentMs)} ms and is killed.` };
    case "exchanged":
      return { level: "info", text: `Worker ${pid} is exchanged for a fresh one after ${event.why}.` };
    case "overdue":
      return {
        level: "warn",
        text: `Worker ${pid} did not end in time and is killed; what it was answering is lost.`,
      };
    default:
      return event satisfies never;
  }
}

export function describePlans(plans: readonly TargetPlan[]): string {
  return plans
    .map(({ name, version, modelDigest }) => `${name} version ${version} (${modelDigest.slice(0, 19)})`)
    .join(", ");
}

/** What an operator's change has led to. */
export function changeText(name: string, { kind }: ModelChange, launch: Launch): string {
  const answers = answeringPlan(launch, name);
  const { shadow, canary } = standingOf(launch, name);
  const parts = [
    answers === null ? `${name} is unloaded` : `${describePlans([answers])} answers`,
    ...(canary === null ? [] : [`version ${canary.plan.version} answers a share of ${canary.share}`]),
    ...(shadow === null ? [] : [`version ${shadow.version} gets a copy`]),
  ];
  return `After ${kind} of ${name}: ${parts.join("; ")}.`;
}
