// What a caller holds of a slot: a service that stays while versions come and go behind it.
import { trimaranError } from "../../base/errors.ts";
import type { Answers } from "../answers.ts";
import type { AnswerOptions, PredictionService } from "../prediction-service.ts";
import type { ModelSlot } from "./model-slot.ts";

/** Answers with the version that is current when it is called, or with a challenger. `slotOf` says which slot stands for the name. */
export function slotService(slotOf: () => ModelSlot | null): PredictionService {
  const face = (): PredictionService => {
    const service = slotOf()?.current?.service;
    if (service === undefined) throw trimaranError("SERVICE_NOT_READY", { state: "unloaded" });
    return service;
  };
  const answerNow = (rows: readonly unknown[], options?: AnswerOptions): Answers | Promise<Answers> => {
    const slot = slotOf();
    if (slot === null) throw trimaranError("SERVICE_NOT_READY", { state: "unloaded" });
    return slot.answerNow(rows, options);
  };
  return {
    get name() {
      return face().name;
    },
    get deployment() {
      return face().deployment;
    },
    get definitionDigest() {
      return face().definitionDigest;
    },
    get model() {
      return face().model;
    },
    get models() {
      return face().models;
    },
    get input() {
      return face().input;
    },
    get signature() {
      return face().signature ?? null;
    },
    get methods() {
      return face().methods;
    },
    get outputs() {
      return face().outputs;
    },
    get bare() {
      return face().bare;
    },
    answer: async (rows, options) => answerNow(rows, options),
    answerNow,
    check: async () => face().check(),
    close: async () => {},
  };
}
