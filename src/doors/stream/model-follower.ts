// The model behind a stream: opened and verified as `serve` does it, and exchanged between two batches when its file or its alias is
// another one. One that is refused changes nothing.

import { isTrimaranError } from "../../base/errors.ts";
import { describeThrown } from "../../data/describe-thrown.ts";
import type { ModelWatcher } from "../../loaders/model-watcher.ts";
import { splitMembers } from "../../loaders/split-members.ts";
import type { PredictionService } from "../../serving/prediction-service.ts";
import { type PrepareOptions, prepareTarget } from "../../serving/slot/prepare-target.ts";
import { SlotCatalog } from "../../serving/slot/slot-catalog.ts";
import { isSamePlan, type TargetPlan, type TargetRequest } from "../../serving/slot/target-plan.ts";

export interface FollowedModel extends AsyncDisposable {
  readonly catalog: SlotCatalog;
  /** Answers with the version that is current when it is asked. */
  readonly service: PredictionService;
}

export interface FollowOptions {
  readonly request: TargetRequest;
  readonly load: PrepareOptions;
  /** Undefined: the model stays what it is. */
  readonly watcher: ModelWatcher | undefined;
  readonly onChange: (text: string) => void;
  readonly onRefused: (text: string) => void;
}

/** @throws what opening the target throws; CHECK_FAILED, SLOT_EXAMPLE */
export async function followModel(options: FollowOptions): Promise<FollowedModel> {
  const { request, load } = options;
  const plan = await prepareTarget(request, load);
  const catalog = new SlotCatalog(load);
  await catalog.apply(plan);
  const follower = new Follower(options, catalog, plan);
  return {
    catalog,
    service: catalog.find()!,
    async [Symbol.asyncDispose]() {
      follower.end();
      await catalog.close();
    },
  };
}

/** Between the reading of a model and the begin of its watch it may have changed already. */
const readMarginMs = 1000;

class Follower {
  readonly #options: FollowOptions;
  readonly #catalog: SlotCatalog;
  #plan: TargetPlan;
  #watch: Disposable | undefined;
  #changes: Promise<void> = Promise.resolve();
  #isEnded = false;

  constructor(options: FollowOptions, catalog: SlotCatalog, plan: TargetPlan) {
    this.#options = options;
    this.#catalog = catalog;
    this.#plan = plan;
    this.#follow();
  }

  end(): void {
    this.#isEnded = true;
    this.#watch?.[Symbol.dispose]();
  }

  #follow(): void {
    this.#watch?.[Symbol.dispose]();
    if (this.#isEnded) return;
    const { uris, packed = [], readAt } = this.#plan;
    const pins = Object.fromEntries(
      packed.flatMap((model) => model.pins ?? []).map(({ uri, fixed }) => [uri, splitMembers(fixed).uri]),
    );
    this.#watch = this.#options.watcher?.watch({ uris, pins, since: readAt - readMarginMs }, () => {
      this.#changes = this.#changes.then(() => this.#exchange());
    });
  }

  async #exchange(): Promise<void> {
    const { request, load, onChange, onRefused } = this.#options;
    if (this.#isEnded) return;
    try {
      const plan = await prepareTarget(request, load);
      if (!isSamePlan(plan, this.#plan)) {
        await this.#catalog.apply(plan);
        onChange(`${plan.name}: version ${plan.version} answers from now on, in the place of ${this.#plan.version}.`);
      }
      this.#plan = plan;
      this.#follow();
    } catch (error) {
      const text = isTrimaranError(error) ? error.message : describeThrown(error);
      onRefused(`The new model is not taken: ${text} What answered goes on.`);
    }
  }
}
