// Asks the registry now and then what aliases, stages and `latest` mean. It has no events that reach us, so it is polled.
import { isTrimaranError } from "../../base/errors.ts";
import type { MlflowClient } from "../../mlflow/client/mlflow-client.ts";
import type { ModelWatcher, WatchedModel } from "../model-watcher.ts";
import { type MovingUri, movingUri, pinnedUri } from "./moving-uri.ts";
import type { Tracking, TrackingOptions } from "./tracking.ts";

export interface WatchRegistryOptions extends Pick<TrackingOptions, "env" | "home"> {
  /** How often it is asked, in milliseconds; up to a fifth sooner, so that services do not ask in step. @default 15000 */
  readonly intervalMs?: number;
  /** Told when it does not answer, and when it does again; once each. @default nobody */
  readonly onNotice?: (notice: string) => void;
}

/** While the registry does not answer it is asked less and less often, down to this. */
const maxBackOffMs = 60_000;
/** An answer that takes longer is none. */
const minAnswerMs = 10_000;

export function watchRegistry(options: WatchRegistryOptions = {}): ModelWatcher {
  return {
    watch(model, onChange) {
      const moving = model.uris.flatMap((uri) => {
        const parsed = movingUri(uri);
        return parsed === null ? [] : [{ uri, parsed }];
      });
      if (moving.length === 0) return { [Symbol.dispose]: () => {} };
      const watch = new RegistryWatch({ moving, pins: model.pins ?? {}, onChange }, options);
      return { [Symbol.dispose]: () => watch.end() };
    },
  };
}

interface Watched {
  readonly moving: readonly { readonly uri: string; readonly parsed: MovingUri }[];
  readonly pins: NonNullable<WatchedModel["pins"]>;
  readonly onChange: () => void;
}

class RegistryWatch {
  readonly #watched: Watched;
  readonly #options: WatchRegistryOptions;
  readonly #intervalMs: number;
  readonly #end = new AbortController();
  /** URI → the version that it was, and when that was made: numbers of deleted versions are given again. */
  readonly #told = new Map<string, { readonly fixed: string; readonly made: number | null }>();
  #failures = 0;
  /** What was told last, so that it is not told again. */
  #trouble: string | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(watched: Watched, options: WatchRegistryOptions) {
    this.#watched = watched;
    this.#options = options;
    this.#intervalMs = options.intervalMs ?? 15_000;
    for (const [uri, fixed] of Object.entries(watched.pins)) this.#told.set(uri, { fixed, made: null });
    this.#next();
  }

  end(): void {
    this.#end.abort();
    clearTimeout(this.#timer);
  }

  #next(): void {
    if (this.#end.signal.aborted) return;
    const slower = Math.max(this.#intervalMs, maxBackOffMs);
    const wait = Math.min(this.#intervalMs * 2 ** Math.min(this.#failures, 20), slower);
    this.#timer = setTimeout(
      () => void this.#look().finally(() => this.#next()),
      Math.min(wait * (0.8 + 0.2 * Math.random()), 2 ** 31 - 1),
    );
    this.#timer.unref();
  }

  async #look(): Promise<void> {
    let tracking: Tracking | undefined;
    try {
      const { openTrackingClient } = await import("./tracking.ts");
      const { MlflowClient } = await import("../../mlflow/client/mlflow-client.ts");
      tracking = await openTrackingClient({ ...this.#options, maxRetries: 0 });
      const late = AbortSignal.timeout(Math.max(this.#intervalMs, minAnswerMs));
      const signal = AbortSignal.any([this.#end.signal, late]);
      const changed = await this.#ask(new MlflowClient({ transport: tracking.transport, signal }));
      this.#failures = 0;
      if (this.#trouble !== null) this.#options.onNotice?.("The registry answers again.");
      this.#trouble = null;
      if (changed && !this.#end.signal.aborted) this.#watched.onChange();
    } catch (error) {
      if (!this.#end.signal.aborted) this.#fail(error);
    } finally {
      await tracking?.close();
    }
  }

  async #ask(client: MlflowClient): Promise<boolean> {
    const { currentVersion } = await import("./moving-version.ts");
    let changed = false;
    for (const { uri, parsed } of this.#watched.moving) {
      const { version = "", creation_timestamp: made = null } = await currentVersion(client, parsed);
      const fixed = pinnedUri(uri, version);
      const before = this.#told.get(uri);
      const isRemade = before?.made != null && before.made !== made;
      if (before !== undefined && (before.fixed !== fixed || isRemade)) changed = true;
      this.#told.set(uri, { fixed, made });
    }
    return changed;
  }

  #fail(error: unknown): void {
    // A registry that does not know the alias does answer.
    const isAnswer = isTrimaranError(error) && error.code === "TRACKING_MISSING";
    this.#failures = isAnswer ? 0 : this.#failures + 1;
    const kind = isTrimaranError(error) ? error.code : "late";
    if (kind === this.#trouble) return;
    this.#trouble = kind;
    const what = error instanceof Error ? error.message : "it failed";
    this.#options.onNotice?.(`New versions are not seen for now: ${what} What served goes on.`);
  }
}
