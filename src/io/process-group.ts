// A number of child processes that is kept: whoever dies is replaced, whoever is stuck is killed, whoever grew too large or has
// done its share is exchanged for a fresh one, and all of them can be exchanged at once. What they do and say is the caller's.
import { Backoff } from "./backoff.ts";
import { Child, type ChildExit } from "./child.ts";
import { Heartbeats } from "./heartbeat.ts";

/** `starting` → `ready` (it works) → `leaving` (it finishes what it began) → gone. */
export type MemberState = "starting" | "ready" | "leaving";

export interface Vitals {
  readonly rssBytes: number;
  /** What it has done so far, in whatever is counted. */
  readonly work: number;
}

export interface ProcessGroupOptions {
  readonly size: number;
  /** The file that each child runs. */
  readonly entry: URL;
  /** A ready child that gives no sign for longer is killed and replaced. */
  readonly heartbeatTimeoutMs: number;
  /** A larger child is exchanged. @default no limit */
  readonly maxRssBytes?: number | undefined;
  /** A child that has done so much is exchanged, up to a tenth later, so that not all are at once. @default no limit */
  readonly maxWork?: number | undefined;
  /** How long a child that is to leave may take; then it is killed. */
  readonly leaveMs: number;
  /** Tells a child what it is to become. */
  readonly onStart: (member: Member) => void;
  /** @param handle the socket that came beside it */
  readonly onMessage: (member: Member, message: unknown, handle: unknown) => void;
  /** It is ready and works from now on; told just before those that it replaces are told to leave. */
  readonly onWork: (member: Member) => void;
  /** Tells a child to finish what it began and to end. */
  readonly onLeave: (member: Member, deadlineMs: number) => void;
  /** Its process has ended, for whatever reason. */
  readonly onGone: (member: Member) => void;
  readonly onEvent: (event: GroupEvent) => void;
}

export type GroupEvent =
  | { readonly kind: "died"; readonly member: Member; readonly how: string; readonly retryMs: number }
  | { readonly kind: "stuck"; readonly member: Member; readonly silentMs: number }
  | { readonly kind: "exchanged"; readonly member: Member; readonly why: string }
  | { readonly kind: "overdue"; readonly member: Member };

export interface Member {
  readonly id: number;
  readonly child: Child;
  readonly generation: number;
  state: MemberState;
  vitals: Vitals;
}

interface Kept extends Member {
  readonly startedAt: number;
  readonly workLimit: number;
  /** Told to leave when this one is ready. */
  replaces: Kept | null;
  /** Held back until its whole generation is ready. */
  waits: boolean;
  isReady: boolean;
  isBeingReplaced: boolean;
}

interface Start {
  readonly generation?: number;
  readonly replaces?: Kept | null;
  readonly waits?: boolean;
}

/** Starts in a row without one ready child, after which the group gives up. */
const maxFailedStarts = 3;
/** A limit that a fresh child exceeds at once must not make the group exchange children all the time. */
const exchangePauseMs = 5000;

export class ProcessGroup {
  readonly #options: ProcessGroupOptions;
  readonly #members = new Set<Kept>();
  readonly #backoff = new Backoff({ firstMs: 100, maxMs: 30_000, forgetMs: 10_000 });
  readonly #beats: Heartbeats<Kept>;
  readonly #killAll = (): void => {
    for (const { child } of this.#members) child.kill();
  };
  readonly #timers = new Set<NodeJS.Timeout>();
  /** The generation that works. */
  #serving = 1;
  #lastId = 0;
  #wasReady = false;
  #closing = false;
  #exchangedAt = Number.NEGATIVE_INFINITY;
  #renewal: { readonly generation: number; readonly fail: (how: string) => void; readonly done: () => void } | null =
    null;
  #giveUp: (how: string) => void = () => {};
  #whenEmpty: () => void = () => {};
  /** Resolved with how the last child ended when none became ready. */
  readonly gaveUp: Promise<string>;

  constructor(options: ProcessGroupOptions) {
    this.#options = options;
    this.gaveUp = new Promise((resolve) => {
      this.#giveUp = resolve;
    });
    this.#beats = new Heartbeats(options.heartbeatTimeoutMs, (member, silentMs) => this.#stuck(member, silentMs));
    process.on("exit", this.#killAll);
    for (let count = 0; count < options.size; count++) this.#start();
  }

  get members(): readonly Member[] {
    return [...this.#members];
  }

  get ready(): readonly Member[] {
    return [...this.#members].filter(({ state }) => state === "ready");
  }

  /** To be called when a child says that it can work. */
  markReady(member: Member): void {
    const kept = member as Kept;
    if (kept.state !== "starting" || this.#closing) return;
    kept.isReady = true;
    this.#wasReady = true;
    if (!kept.waits) this.#promote(kept);
    else this.#settleRenewal();
  }

  /** To be called when a child gives a sign. */
  beat(member: Member, vitals: Vitals): void {
    member.vitals = vitals;
    if (member.state !== "ready" || this.#closing) return;
    const kept = member as Kept;
    this.#beats.beat(kept);
    const { maxRssBytes = Number.POSITIVE_INFINITY } = this.#options;
    if (vitals.work >= kept.workLimit) this.exchange(kept, `${vitals.work} requests`);
    else if (vitals.rssBytes > maxRssBytes)
      this.exchange(kept, `${Math.round(vitals.rssBytes / 2 ** 20)} MiB of memory`);
  }

  /** Starts another one in its place; when that is ready this one leaves. One at a time, the others are asked again later. */
  exchange(member: Member, why: string): void {
    const kept = member as Kept;
    const isBusy = [...this.#members].some((other) => other.isBeingReplaced) || this.#renewal !== null;
    if (kept.state !== "ready" || isBusy || this.#closing) return;
    const now = performance.now();
    const isFresh = now - kept.startedAt < exchangePauseMs;
    if (isFresh && now - this.#exchangedAt < exchangePauseMs) return;
    this.#exchangedAt = now;
    kept.isBeingReplaced = true;
    this.#options.onEvent({ kind: "exchanged", member: kept, why });
    this.#start({ replaces: kept });
  }

  /**
   * Exchanges all: a whole new generation is started; when all of it is ready it takes over and the old one leaves. When one of
   * them fails the others end, and the old ones go on. Resolves with how it failed, or null.
   */
  async renew(): Promise<string | null> {
    if (this.#closing || this.#renewal !== null) return "another change is under way";
    const generation = this.#serving + 1;
    const failure = await new Promise<string | null>((resolve) => {
      this.#renewal = { generation, fail: resolve, done: () => resolve(null) };
      for (let count = 0; count < this.#options.size; count++) this.#start({ generation, waits: true });
    });
    this.#renewal = null;
    if (failure !== null) {
      for (const kept of this.#members) if (kept.generation === generation) this.#kill(kept);
    }
    return failure;
  }

  /** Fails the renewal that this child is part of, and ends it. */
  refuse(member: Member, reason: string): void {
    const kept = member as Kept;
    if (kept.waits && this.#renewal?.generation === kept.generation) this.#renewal.fail(reason);
    kept.child.kill();
  }

  /** Tells all to leave, and waits until they did or were killed. */
  async close(deadlineMs: number): Promise<void> {
    if (!this.#closing) {
      this.#closing = true;
      this.#renewal?.fail("the service stops");
      for (const timer of this.#timers) clearTimeout(timer);
      this.#beats.close();
      for (const kept of this.#members) {
        if (kept.isReady && deadlineMs > 0) this.#leave(kept, deadlineMs);
        else kept.child.kill();
      }
    }
    if (this.#members.size > 0) {
      await new Promise<void>((resolve) => {
        const before = this.#whenEmpty;
        this.#whenEmpty = () => {
          before();
          resolve();
        };
      });
    }
    process.removeListener("exit", this.#killAll);
  }

  #start({ generation = this.#serving, replaces = null, waits = false }: Start = {}): void {
    const { maxWork = Number.POSITIVE_INFINITY, entry, onMessage, onStart } = this.#options;
    const child = new Child({
      entry,
      flags: workerFlags,
      onMessage: (message, handle) => onMessage(kept, message, handle),
      onExit: (how) => this.#gone(kept, how),
    });
    const kept: Kept = {
      id: ++this.#lastId,
      child,
      generation,
      state: "starting",
      vitals: { rssBytes: 0, work: 0 },
      startedAt: performance.now(),
      workLimit: maxWork * (1 + Math.random() / 10),
      replaces,
      waits,
      isReady: false,
      isBeingReplaced: false,
    };
    this.#members.add(kept);
    onStart(kept);
  }

  #promote(kept: Kept): void {
    kept.state = "ready";
    kept.waits = false;
    this.#beats.beat(kept);
    this.#options.onWork(kept);
    const { replaces } = kept;
    kept.replaces = null;
    if (replaces?.state === "ready") this.#leave(replaces, this.#options.leaveMs);
  }

  #settleRenewal(): void {
    const renewal = this.#renewal;
    if (renewal === null) return;
    const fresh = [...this.#members].filter(({ generation }) => generation === renewal.generation);
    if (fresh.length < this.#options.size || !fresh.every(({ isReady }) => isReady)) return;
    const old = [...this.#members].filter(({ generation }) => generation < renewal.generation);
    this.#serving = renewal.generation;
    for (const kept of fresh) this.#promote(kept);
    for (const kept of old) {
      if (kept.state === "ready") this.#leave(kept, this.#options.leaveMs);
      else if (kept.state === "starting") this.#kill(kept);
    }
    renewal.done();
  }

  #leave(kept: Kept, deadlineMs: number): void {
    kept.state = "leaving";
    this.#beats.forget(kept);
    this.#options.onLeave(kept, deadlineMs);
    const timer = setTimeout(() => {
      if (kept.child.hasExited) return;
      this.#options.onEvent({ kind: "overdue", member: kept });
      kept.child.kill();
    }, deadlineMs + killMarginMs);
    timer.unref();
  }

  /** Ends one that nobody needs any more. */
  #kill(kept: Kept): void {
    kept.state = "leaving";
    kept.child.kill();
  }

  #stuck(kept: Kept, silentMs: number): void {
    if (kept.state !== "ready") return;
    this.#options.onEvent({ kind: "stuck", member: kept, silentMs });
    kept.child.kill();
  }

  #gone(kept: Kept, how: ChildExit): void {
    this.#members.delete(kept);
    this.#beats.forget(kept);
    this.#options.onGone(kept);
    if (this.#members.size === 0) this.#whenEmpty();
    if (this.#closing || kept.state === "leaving") return;
    kept.state = "leaving";
    const renewal = this.#renewal;
    if (kept.waits && renewal?.generation === kept.generation) {
      renewal.fail(how.text);
      return;
    }
    if (kept.replaces !== null && kept.replaces.state === "ready") {
      // The old one goes on, and is asked again.
      kept.replaces.isBeingReplaced = false;
      this.#options.onEvent({ kind: "died", member: kept, how: how.text, retryMs: 0 });
      return;
    }
    const retryMs = this.#backoff.fail(kept.isReady ? performance.now() - kept.startedAt : 0);
    if (!this.#wasReady && this.#backoff.failures >= maxFailedStarts) {
      this.#giveUp(how.text);
      return;
    }
    this.#options.onEvent({ kind: "died", member: kept, how: how.text, retryMs });
    this.#startLater(kept, retryMs);
  }

  #startLater(gone: Kept, retryMs: number): void {
    // Its own replacement is on its way already.
    if (gone.isBeingReplaced) return;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      const here = [...this.#members].filter(
        ({ state, replaces, waits }) => state !== "leaving" && !replaces && !waits,
      );
      if (!this.#closing && here.length < this.#options.size) this.#start();
    }, retryMs);
    this.#timers.add(timer);
  }
}

/** Beyond its deadline, for what it does at the very end. */
const killMarginMs = 1500;

/**
 * Left alone V8 lets a worker's young objects take 100 MiB, of which an exchange of models touches all, though little of it lives. Of
 * 2, 4 and 8 MiB 8 is the smallest that costs a request no time that could be measured; 4 costs some 5 % of its CPU.
 */
const workerFlags = ["--max-semi-space-size=8"];
