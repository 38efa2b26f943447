// What `inspect` tells of a model behind a server: what that server says of it. Nothing is predicted.
import { isTrimaranError, type TrimaranError } from "../base/errors.ts";
import type { ModelInput } from "../data/model-input.ts";
import { type ModelFacts, noFacts } from "../formats/read/model-facts.ts";
import { loadRemote } from "../loaders/remote/load-remote.ts";

export interface RemoteFacts {
  readonly facts: ModelFacts;
  readonly digest: string | null;
  readonly input: ModelInput | null;
  readonly methods: readonly string[];
  readonly operations: readonly string[];
  readonly problem: TrimaranError | null;
}

/** Never throws for what the server does. */
export async function askRemote(uri: string): Promise<RemoteFacts> {
  try {
    const { facts, digest, operations, predictor } = await loadRemote(uri);
    predictor.close();
    return { facts, digest, operations, input: predictor.input, methods: predictor.methods, problem: null };
  } catch (cause) {
    if (!isTrimaranError(cause)) throw cause;
    return { facts: noFacts, digest: null, operations: [], input: null, methods: [], problem: cause };
  }
}
