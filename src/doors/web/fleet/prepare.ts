// Asks processes of their own to prepare targets, and gives what they found. One that has done so waits a moment for the next
// targets, since models that come one after another find its code loaded and compiled.
import { constants, setPriority } from "node:os";
import { trimaranError } from "../../../base/errors.ts";
import type { WebSection } from "../../../deployment/sections.ts";
import { toError } from "../../../io/carried-error.ts";
import { Child, type ChildExit } from "../../../io/child.ts";
import type { TargetPlan, TargetRequest } from "../../../serving/slot/target-plan.ts";
import type { LoadSettings, PrepareMessage, PreparerMessage } from "./messages.ts";
import { processFile } from "./process-file.ts";

export interface Preparation {
  /** The `web` section of the first target's definition. Rejected as `plans` is. */
  readonly section: Promise<WebSection>;
  /** Rejected with what is wrong with a target; PREPARE_ENDED when reading it ended the process. */
  readonly plans: Promise<readonly TargetPlan[]>;
}

export class Preparers {
  readonly #load: LoadSettings;
  readonly #all = new Set<Preparer>();
  #waiting: { readonly preparer: Preparer; readonly timer: NodeJS.Timeout } | null = null;
  readonly #killAll = (): void => this.close();

  constructor(load: LoadSettings) {
    this.#load = load;
  }

  /** `gives`: whether it leaves the processors to those that answer meanwhile. */
  prepare(requests: readonly TargetRequest[], { gives }: { readonly gives: boolean }): Preparation {
    const preparer = (gives && this.#takeWaiting()) || this.#start(gives);
    const preparation = preparer.prepare({ kind: "prepare", requests, load: this.#load });
    // Who asks for one of the two hears of a failure there.
    preparation.section.catch(() => {});
    preparation.plans.then(
      () => this.#keep(preparer),
      () => preparer.end(),
    );
    return preparation;
  }

  /** Ends them all, with what they are doing. */
  close(): void {
    for (const preparer of this.#all) preparer.kill();
  }

  #start(gives: boolean): Preparer {
    if (this.#all.size === 0) process.on("exit", this.#killAll);
    const preparer: Preparer = new Preparer(gives, () => {
      this.#all.delete(preparer);
      if (this.#waiting?.preparer === preparer) this.#takeWaiting();
      if (this.#all.size === 0) process.removeListener("exit", this.#killAll);
    });
    this.#all.add(preparer);
    return preparer;
  }

  #takeWaiting(): Preparer | null {
    const waiting = this.#waiting;
    this.#waiting = null;
    clearTimeout(waiting?.timer);
    return waiting?.preparer ?? null;
  }

  /** One waits; what many targets have left in it goes with it. */
  #keep(preparer: Preparer): void {
    if (!preparer.gives || preparer.uses >= maxUses || this.#waiting !== null) {
      preparer.end();
      return;
    }
    this.#waiting = { preparer, timer: setTimeout(() => this.#takeWaiting()?.end(), waitMs).unref() };
  }
}

const waitMs = 3000;
const maxUses = 50;
/** What a definition has left in it may keep it from ending. */
const endMs = 2000;

class Preparer {
  readonly gives: boolean;
  uses = 0;
  readonly #child: Child;
  #section = Promise.withResolvers<WebSection>();
  #plans = Promise.withResolvers<readonly TargetPlan[]>();

  constructor(gives: boolean, onExit: () => void) {
    this.gives = gives;
    this.#child = new Child({
      entry: processFile("preparer"),
      onMessage: (message) => this.#hear(message as PreparerMessage),
      onExit: ({ text }: ChildExit) => {
        this.#fail(trimaranError("PREPARE_ENDED", { problem: text }));
        onExit();
      },
    });
    if (gives) leaveProcessors(this.#child.pid);
  }

  /** Once the plans of the last ones are there. */
  prepare(message: PrepareMessage): Preparation {
    this.uses++;
    this.#section = Promise.withResolvers();
    this.#plans = Promise.withResolvers();
    this.#child.send(message);
    return { section: this.#section.promise, plans: this.#plans.promise };
  }

  /** By itself, so that it leaves its compiled code to the next one. */
  end(): void {
    if (this.#child.process.connected) this.#child.process.disconnect();
    setTimeout(() => this.kill(), endMs).unref();
  }

  kill(): void {
    this.#child.kill();
  }

  #hear(message: PreparerMessage): void {
    if (message.kind === "section") this.#section.resolve(message.section);
    else if (message.kind === "prepared") this.#plans.resolve(message.plans);
    else this.#fail(toError(message.error));
  }

  #fail(error: unknown): void {
    this.#section.reject(error);
    this.#plans.reject(error);
  }
}

function leaveProcessors(pid: number): void {
  try {
    // Not the lowest: where all processors are taken, the next model would have to wait for minutes.
    setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // It has ended, or the system knows no priorities.
  }
}
