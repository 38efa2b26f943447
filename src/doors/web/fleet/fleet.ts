// The supervisor of `serve`: it holds the port, keeps the workers, and decides what they serve. It reads no model and answers no
// request, so that nothing that a model or a caller does can end it.
import { trimaranError } from "../../../base/errors.ts";
import type { WebSection } from "../../../deployment/sections.ts";
import { type BoundSocket, bindSocket } from "../../../io/bound-socket.ts";
import { carryError, toError } from "../../../io/carried-error.ts";
import type { SocketLike } from "../../../io/connection-spread.ts";
import type { LogLevel } from "../../../io/log/log.ts";
import type { MetricFamily } from "../../../io/metrics/metric-family.ts";
import { type Member, ProcessGroup } from "../../../io/process-group.ts";
import { isSamePlan, type TargetPlan, type TargetRequest } from "../../../serving/slot/target-plan.ts";
import type { TelemetrySettings } from "../observe/open-telemetry.ts";
import { urlOf } from "../url-of.ts";
import { Calls } from "./calls.ts";
import { describePlans, groupEventText } from "./event-text.ts";
import { FleetMetrics } from "./fleet-metrics.ts";
import { type Fleet, type FleetOptions, type ResolvedFleetOptions, resolveFleetOptions } from "./fleet-options.ts";
import { FleetSpread } from "./fleet-spread.ts";
import { changesCode, type Launch, namesOf, nextLaunch } from "./launch.ts";
import type { SampleRequest, ServedFace, WorkerMessage, WorkerOrder, WorkerQuestion } from "./messages.ts";
import { type Preparation, prepareTargets } from "./prepare.ts";
import { processFile } from "./process-file.ts";
import { socketProblem } from "./socket-problem.ts";
import { watchPlans } from "./watch-plans.ts";

/**
 * Resolves when every worker answers.
 * @throws PORT_IN_USE, PORT_NOT_ALLOWED, PREPARE_ENDED, WORKER_START, and what is wrong with a target
 */
export async function openFleet(options: FleetOptions, signal?: AbortSignal): Promise<Fleet> {
  const resolved = resolveFleetOptions(options);
  const { host, port } = resolved.web;
  // A busy port is told before anything is started, where it is known without the definition.
  const bound = host !== undefined && port !== undefined ? await bindSocket({ host, port }) : null;
  const supervisor = new Supervisor(resolved, bound);
  const stop = (): void => supervisor.kill();
  signal?.addEventListener("abort", stop, { once: true });
  try {
    await supervisor.opened;
    return supervisor;
  } catch (error) {
    supervisor.kill();
    throw error;
  } finally {
    signal?.removeEventListener("abort", stop);
  }
}

class Supervisor implements Fleet {
  readonly #options: ResolvedFleetOptions;
  readonly #group: ProcessGroup;
  readonly #calls = new Calls();
  readonly #metrics = new FleetMetrics();
  readonly #spread = new FleetSpread({
    ready: () => this.#group.ready,
    tell: (member, order) => this.#tell(member, order),
  });
  /** By generation. */
  readonly #launches = new Map<number, Promise<Launch>>();
  readonly #section: Promise<WebSection>;
  readonly #address: Promise<{ readonly bound: BoundSocket; readonly grpc: BoundSocket | null }>;
  #grpc: BoundSocket | null = null;
  readonly #ready = Promise.withResolvers<void>();
  readonly #preparations = new Set<Preparation>();
  #telemetry: TelemetrySettings | null;
  readonly #briefed = new WeakMap<Member, Launch>();
  #bound: BoundSocket | null;
  #changes: Promise<unknown> = Promise.resolve();
  #generation = 1;
  #isOpen = false;
  #isClosing = false;
  /** Why the last worker that failed did. */
  #refusal: unknown = null;
  #watch: Disposable | null = null;
  readonly opened: Promise<void>;
  host = "";
  port = 0;
  grpcPort: number | null = null;
  section: WebSection = {};
  services: readonly ServedFace[] = [];
  sample: SampleRequest | null = null;

  constructor(options: ResolvedFleetOptions, bound: BoundSocket | null) {
    this.#options = options;
    this.#telemetry = options.telemetry ?? null;
    this.#bound = bound;
    const first = this.#prepare(options.targets);
    this.#section = first.section;
    this.#address = this.#bind();
    const launch = this.#launch(first);
    this.#launches.set(1, launch);
    this.#group = new ProcessGroup({
      size: options.workers,
      entry: processFile("worker"),
      heartbeatTimeoutMs: options.heartbeatTimeoutMs,
      maxRssBytes: options.maxWorkerBytes,
      maxWork: options.maxWorkerRequests,
      leaveMs: options.drainTimeoutMs,
      onStart: (member) => void this.#brief(member).catch(() => {}),
      onMessage: (member, message, handle) => this.#hear(member, message as WorkerMessage, handle),
      onWork: (member) => {
        this.#tell(member, { kind: "work" });
        this.#spread.changed();
      },
      onLeave: (member, deadlineMs) => {
        this.#spread.changed();
        this.#tell(member, { kind: "drain", deadlineMs, why: this.#isClosing ? "stop" : "exchange" });
      },
      onGone: (member) => {
        this.#spread.changed();
        this.#calls.forget(member);
        this.#metrics.gone(member);
      },
      onEvent: (event) => {
        this.#metrics.happened(event);
        options.onEvent({ kind: "worker", ...groupEventText(event) });
      },
    });
    this.opened = this.#open(launch);
  }

  get url(): string {
    return urlOf({ host: this.host, tls: this.#options.web.files?.tlsCert }, this.port);
  }

  get pids(): readonly number[] {
    return this.#group.ready.map(({ child }) => child.pid);
  }

  reload(): Promise<void> {
    return this.#change("reload", async () => {
      const since = performance.now();
      const preparation = this.#prepare(this.#options.targets);
      const launch = await this.#launch(preparation);
      await this.#metrics.measure({ names: namesOf(launch.plans), since }, () => this.#renew(launch));
      this.section = launch.section;
      this.#rewatch(launch.plans);
      this.#options.onEvent({ kind: "changed", text: `Reloaded: ${describePlans(launch.plans)}.` });
    });
  }

  setLogLevel(level: LogLevel): void {
    if (this.#telemetry !== null) this.#telemetry = { ...this.#telemetry, level };
    for (const member of this.#group.members) this.#tell(member, { kind: "log-level", level });
  }

  async reports(): Promise<readonly (readonly MetricFamily[])[]> {
    const asked = this.#group.members.filter(({ state }) => state !== "starting");
    await this.#metrics.collect(asked, (member) =>
      this.#calls.start(member, (id) => this.#tell(member, { kind: "report", id }), reportTimeoutMs),
    );
    return this.#metrics.parts(this.#group.ready.length);
  }

  async close(): Promise<void> {
    this.#end();
    await this.#group.close(this.#options.drainTimeoutMs);
  }

  kill(): void {
    this.#end();
    void this.#group.close(0);
  }

  #end(): void {
    this.#isClosing = true;
    this.#watch?.[Symbol.dispose]();
    for (const preparation of this.#preparations) preparation.cancel();
    // The workers hold it too: the port is free when the last of them stops to accept.
    this.#bound?.close();
    this.#bound = null;
    this.#grpc?.close();
    this.#ready.reject(trimaranError("SERVICE_NOT_READY", { state: "draining" }));
  }

  async #open(launch: Promise<Launch>): Promise<void> {
    this.#ready.promise.catch(() => {});
    this.#address.catch((error: unknown) => this.#ready.reject(error));
    launch.catch((error: unknown) => this.#ready.reject(error));
    void this.#group.gaveUp.then((problem) => this.#ready.reject(trimaranError("WORKER_START", { problem })));
    await this.#ready.promise;
    this.#rewatch((await launch).plans);
  }

  async #bind(): Promise<{ readonly bound: BoundSocket; readonly grpc: BoundSocket | null }> {
    const { web, grpcPort } = this.#options;
    const section = this.#bound === null ? await this.#section : {};
    const host = web.host ?? section.host ?? "127.0.0.1";
    const port = web.port ?? section.port ?? 9696;
    this.#bound ??= await bindSocket({ host, port });
    this.host = host;
    this.port = this.#bound.port;
    if (grpcPort !== undefined) this.#grpc = await bindSocket({ host, port: grpcPort });
    this.grpcPort = this.#grpc?.port ?? null;
    return { bound: this.#bound, grpc: this.#grpc };
  }

  #prepare(requests: readonly TargetRequest[]): Preparation {
    const preparation = prepareTargets(requests, this.#options.load);
    this.#preparations.add(preparation);
    const forget = (): void => void this.#preparations.delete(preparation);
    preparation.plans.then(forget, forget);
    return preparation;
  }

  async #launch(preparation: Preparation): Promise<Launch> {
    const section = await preparation.section;
    const plans = await preparation.plans;
    return { section, plans, unloaded: new Set() };
  }

  /** Tells a worker that has just been started what it is. */
  async #brief(member: Member): Promise<void> {
    const { web, load, heartbeatTimeoutMs } = this.#options;
    const { bound, grpc } = await this.#address;
    const isFirst = !this.#isOpen;
    const section = isFirst ? await this.#section : (await this.#launches.get(member.generation))?.section;
    const beatMs = Math.min(1000, heartbeatTimeoutMs / 4);
    this.#tell(member, {
      kind: "open",
      web: { ...web, host: this.host, port: this.port },
      section: section ?? {},
      load,
      early: isFirst,
      beatMs,
      telemetry: this.#telemetry,
    });
    bound.sendTo(member.child.process, () => ({ kind: "socket", door: "http" }) satisfies WorkerOrder);
    grpc?.sendTo(member.child.process, () => ({ kind: "socket", door: "grpc" }) satisfies WorkerOrder);
    const launch = await this.#launches.get(member.generation);
    if (launch === undefined) return;
    this.section = isFirst ? launch.section : this.section;
    this.#briefed.set(member, launch);
    this.#tell(member, { kind: "load", plans: launch.plans });
    for (const name of launch.unloaded) this.#tell(member, { kind: "unload", id: 0, name });
  }

  #tell(member: Member, order: WorkerOrder): void {
    member.child.send(order);
  }

  #hear(member: Member, message: WorkerMessage, handle: unknown): void {
    switch (message.kind) {
      case "ready":
        void this.#welcome(member, message);
        return;
      case "failed":
        this.#refuse(member, message);
        return;
      case "beat":
        this.#group.beat(member, { rssBytes: message.rssBytes, work: message.requests });
        return;
      case "fault":
        this.#options.onEvent(message);
        return;
      case "done":
        this.#calls.settle(member, message.id, message.error === null ? null : toError(message.error));
        return;
      case "last-report":
        this.#metrics.report(member, message.value as readonly MetricFamily[]);
        return;
      case "report":
        this.#calls.settle(member, message.id, null, message.value);
        return;
      case "ask":
        this.#answer(message.what).then(
          (value) => this.#tell(member, { kind: "asked", id: message.id, error: null, value }),
          (error: unknown) =>
            this.#tell(member, { kind: "asked", id: message.id, error: carryError(error), value: null }),
        );
        return;
      case "connections":
        this.#spread.hear(member, message);
        return;
      case "pass":
        this.#spread.relay(member, message, handle as SocketLike);
        return;
      case "retire":
        this.#group.exchange(member, "SIGTERM");
        return;
      default:
        message satisfies never;
    }
  }

  async #welcome(member: Member, { services, sample }: Extract<WorkerMessage, { kind: "ready" }>): Promise<void> {
    // What changed since it was told what to load.
    const told = this.#briefed.get(member);
    const launch = await this.#launches.get(member.generation);
    for (const plan of launch?.plans ?? []) {
      if (told?.plans.includes(plan)) continue;
      try {
        await this.#apply(member, plan);
      } catch {
        this.#group.refuse(member, "it could not load what is served");
        return;
      }
    }
    this.services = services;
    this.sample = sample;
    this.#group.markReady(member);
    if (this.#isOpen || this.#group.ready.length < this.#options.workers) return;
    this.#isOpen = true;
    this.#ready.resolve();
  }

  #refuse(member: Member, { error: carried, what }: Extract<WorkerMessage, { kind: "failed" }>): void {
    const error = toError(carried);
    const shown = what === "socket" ? socketProblem(error, { host: this.host, port: this.port }) : error;
    this.#refusal = shown;
    if (!this.#isOpen) this.#ready.reject(shown);
    else if (member.generation === this.#generation) {
      this.#options.onEvent({ kind: "refused", what: `Worker ${member.child.pid}`, error: shown });
    }
    this.#group.refuse(member, shown.message);
  }

  #answer(question: WorkerQuestion): Promise<unknown> {
    switch (question.kind) {
      case "reports":
        return this.reports();
      case "load":
        return this.#change("load", () => this.#swap(question.requests));
      case "unload":
        return this.#change("unload", () => this.#unload(question.name));
      default:
        return question satisfies never;
    }
  }

  /** New models under the definitions that serve; an edited definition is code, which only a new worker reads. */
  async #swap(requests: readonly TargetRequest[], watched: TargetPlan | null = null): Promise<void> {
    const since = performance.now();
    const launch = await this.#launches.get(this.#generation);
    if (launch === undefined) return;
    const plans = await this.#prepare(requests).plans.catch((error: unknown) => {
      for (const request of requests) this.#refuseLane(request, { launch, error });
      throw error;
    });
    const next = nextLaunch(launch, plans);
    // An alias that has moved back, or a registry that went away again.
    if (watched !== null && plans.every((plan) => isSamePlan(plan, watched))) return this.#rewatch(launch.plans);
    await this.#metrics.measure({ names: namesOf(plans), since }, () =>
      changesCode(launch, plans) ? this.#renew(next) : this.#applyEverywhere(plans, next),
    );
    this.#rewatch(next.plans);
    this.#options.onEvent({ kind: "changed", text: `Loaded ${describePlans(plans)}.` });
  }

  /** It could not even be prepared: what serves goes on, and workers can say why nothing new does. */
  #refuseLane(request: TargetRequest, { launch, error }: { readonly launch: Launch; readonly error: unknown }): void {
    const lane = request.lane ?? request.target;
    const name = launch.plans.find((plan) => plan.lane === lane)?.name;
    if (name !== undefined) this.#metrics.swapped(name, "refused");
    const order: WorkerOrder = { kind: "refuse", lane, version: request.version ?? null, error: carryError(error) };
    for (const member of this.#group.ready) this.#tell(member, order);
  }

  /** @throws why a new worker failed; WORKER_ENDED */
  async #renew(launch: Launch): Promise<void> {
    this.#launches.set(this.#generation + 1, Promise.resolve(launch));
    this.#refusal = null;
    const failure = await this.#group.renew();
    if (failure !== null) throw this.#refusal ?? trimaranError("WORKER_ENDED", { problem: failure });
    this.#generation++;
  }

  /** The first worker's refusal changes nothing. One that refuses after another has agreed is exchanged. */
  async #applyEverywhere(plans: readonly TargetPlan[], next: Launch): Promise<void> {
    for (const [index, member] of this.#group.ready.entries()) {
      try {
        for (const plan of plans) await this.#apply(member, plan);
      } catch (error) {
        if (index === 0 && !member.child.hasExited) throw error;
        member.child.kill();
      }
      if (index === 0) this.#launches.set(this.#generation, Promise.resolve(next));
    }
    this.#launches.set(this.#generation, Promise.resolve(next));
  }

  async #unload(name: string): Promise<void> {
    const launch = await this.#launches.get(this.#generation);
    if (launch === undefined) return;
    const next = { ...launch, unloaded: new Set([...launch.unloaded, name]) };
    this.#launches.set(this.#generation, Promise.resolve(next));
    for (const member of this.#group.ready) {
      await this.#calls.start(member, (id) => this.#tell(member, { kind: "unload", id, name }));
    }
  }

  async #apply(member: Member, plan: TargetPlan): Promise<void> {
    await this.#calls.start(member, (id) => this.#tell(member, { kind: "apply", id, plan }));
  }

  #rewatch(plans: readonly TargetPlan[]): void {
    this.#watch?.[Symbol.dispose]();
    this.#watch = watchPlans(plans, {
      watcher: this.#isClosing ? undefined : this.#options.watcher,
      onChange: (plan) => this.#change(plan.name, () => this.#swap([plan.request], plan)),
    });
  }

  /** One change after the other; whoever asked hears of a failure, and `onEvent` too. */
  #change(what: string, change: () => Promise<void>): Promise<void> {
    const done = this.#changes.then(async () => {
      if (this.#isClosing) throw trimaranError("SERVICE_NOT_READY", { state: "draining" });
      await change();
    });
    this.#changes = done.catch((error: unknown) => {
      if (!this.#isClosing) this.#options.onEvent({ kind: "refused", what, error });
    });
    return done;
  }
}

const reportTimeoutMs = 1000;
