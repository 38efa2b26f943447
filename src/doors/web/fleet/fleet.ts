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
import type { TargetRequest } from "../../../serving/slot/target-plan.ts";
import type { TelemetrySettings } from "../observe/open-telemetry.ts";
import { urlOf } from "../url-of.ts";
import { Calls } from "./calls.ts";
import { groupEventText } from "./event-text.ts";
import { FleetMetrics } from "./fleet-metrics.ts";
import { type Fleet, type FleetOptions, type ResolvedFleetOptions, resolveFleetOptions } from "./fleet-options.ts";
import { FleetServing } from "./fleet-serving.ts";
import { FleetSpread } from "./fleet-spread.ts";
import { type FleetState, fleetState } from "./fleet-state.ts";
import { firstLaunch, type Launch } from "./launch.ts";
import type { SampleRequest, ServedFace, WorkerMessage, WorkerOrder, WorkerQuestion, WorkerState } from "./messages.ts";
import type { ModelChange } from "./model-change.ts";
import { PortClosing } from "./port-closing.ts";
import { type Preparation, Preparers } from "./prepare.ts";
import { processFile } from "./process-file.ts";
import { socketProblem } from "./socket-problem.ts";

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
  readonly #ports = new PortClosing(
    () => this.#group.members,
    (member) => this.#tell(member, { kind: "ports-closed" }),
  );
  readonly #spread = new FleetSpread({
    ready: () => this.#group.ready,
    tell: (member, order) => this.#tell(member, order),
  });
  readonly #serving: FleetServing;
  readonly #section: Promise<WebSection>;
  readonly #address: Promise<{ readonly bound: BoundSocket; readonly grpc: BoundSocket | null }>;
  #grpc: BoundSocket | null = null;
  readonly #ready = Promise.withResolvers<void>();
  readonly #preparers: Preparers;
  #logLevel: LogLevel;
  #telemetry: TelemetrySettings | null;
  #bound: BoundSocket | null;
  #isOpen = false;
  #isClosing = false;
  /** Why the last worker that failed did. */
  #refusal: unknown = null;
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
    this.#preparers = new Preparers(options.load);
    const first = this.#prepare(options.targets);
    this.#section = first.section;
    this.#address = this.#bind();
    const launch = this.#launch(first);
    this.#logLevel = options.telemetry?.level ?? "info";
    this.#serving = new FleetServing(
      {
        targets: options.targets,
        keep: options.load.keep ?? 1,
        watcher: options.watcher,
        metrics: this.#metrics,
        prepare: (requests) => this.#prepare(requests),
        ready: () => this.#group.ready,
        order: (member, order) => this.#calls.start(member, (id) => this.#tell(member, order(id))),
        tell: (member, order) => this.#tell(member, order),
        renew: () => this.#renew(),
        isClosing: () => this.#isClosing,
        onEvent: options.onEvent,
      },
      launch,
    );
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
        // At the start one answers only when all do: else a caller is answered here and refused there.
        if (this.#isOpen) this.#tell(member, { kind: "work" });
        this.#spread.changed();
      },
      onLeave: (member, deadlineMs) => {
        this.#spread.changed();
        this.#tell(member, { kind: "drain", deadlineMs, why: this.#isClosing ? "stop" : "exchange" });
      },
      onGone: (member) => {
        this.#spread.changed();
        this.#ports.gone(member);
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

  async reload(): Promise<void> {
    await this.#serving.reload();
    this.section = (await this.#serving.launch).section;
  }

  change(name: string, change: ModelChange): Promise<void> {
    return this.#serving.change(name, change);
  }

  async state(): Promise<FleetState> {
    const ask = (member: Member): Promise<WorkerState | null> =>
      this.#calls
        .start(member, (id) => this.#tell(member, { kind: "state", id }), reportTimeoutMs)
        .then((state) => state as WorkerState)
        .catch(() => null);
    const members = this.#group.members;
    const told = await Promise.all(members.map((member) => (member.state === "starting" ? null : ask(member))));
    const workers = members.map((member, index) => ({ member, told: told[index] ?? null }));
    return fleetState({ launch: await this.#serving.launch, workers, logLevel: this.#logLevel });
  }

  setLogLevel(level: LogLevel): void {
    if (this.#telemetry !== null) this.#telemetry = { ...this.#telemetry, level };
    this.#logLevel = level;
    this.#options.onEvent({ kind: "log-level", level });
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
    this.#serving.close();
    this.#preparers.close();
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
    await this.#serving.watch();
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
    return this.#preparers.prepare(requests, { gives: this.#isOpen });
  }

  async #launch(preparation: Preparation): Promise<Launch> {
    return firstLaunch(await preparation.section, await preparation.plans);
  }

  /** Tells a worker that has just been started what it is. */
  async #brief(member: Member): Promise<void> {
    const { web, load, heartbeatTimeoutMs } = this.#options;
    const { bound, grpc } = await this.#address;
    const isFirst = !this.#isOpen;
    const section = isFirst ? await this.#section : (await this.#serving.launchOf(member.generation))?.section;
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
    const changes = await this.#serving.begin(member);
    if (isFirst) this.section = (await this.#serving.launch).section;
    this.#tell(member, { kind: "load", changes });
  }

  #tell(member: Member, order: WorkerOrder): void {
    member.child.send(order);
  }

  #hear(member: Member, message: WorkerMessage, handle: unknown): void {
    switch (message.kind) {
      case "ready":
        void this.#welcome(member, message);
        return;
      case "serves":
        this.services = message.services;
        this.sample = message.sample;
        return;
      case "unfit":
        this.#options.onEvent({
          kind: "refused",
          what: `Worker ${member.child.pid}: the challenger of ${message.name}`,
          error: toError(message.error),
        });
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
      case "port-closed":
        this.#ports.closed(member);
        return;
      case "retire":
        this.#group.exchange(member, "SIGTERM");
        return;
      default:
        message satisfies never;
    }
  }

  async #welcome(member: Member, { services, sample }: Extract<WorkerMessage, { kind: "ready" }>): Promise<void> {
    try {
      await this.#serving.catchUp(member);
    } catch {
      this.#group.refuse(member, "it could not load what is served");
      return;
    }
    this.services = services;
    this.sample = sample;
    this.#group.markReady(member);
    if (this.#isOpen || this.#group.ready.length < this.#options.workers) return;
    this.#isOpen = true;
    for (const ready of this.#group.ready) this.#tell(ready, { kind: "work" });
    this.#ready.resolve();
  }

  #refuse(member: Member, { error: carried, what }: Extract<WorkerMessage, { kind: "failed" }>): void {
    const error = toError(carried);
    const shown = what === "socket" ? socketProblem(error, { host: this.host, port: this.port }) : error;
    this.#refusal = shown;
    if (!this.#isOpen) this.#ready.reject(shown);
    else if (member.generation === this.#serving.generation) {
      this.#options.onEvent({ kind: "refused", what: `Worker ${member.child.pid}`, error: shown });
    }
    this.#group.refuse(member, shown.message);
  }

  #answer(question: WorkerQuestion): Promise<unknown> {
    switch (question.kind) {
      case "reports":
        return this.reports();
      case "load":
        return this.#serving.load(question.requests);
      case "unload":
        return this.#serving.unload(question.name);
      default:
        return question satisfies never;
    }
  }

  /** @throws why a new worker failed; WORKER_ENDED */
  async #renew(): Promise<void> {
    this.#refusal = null;
    const failure = await this.#group.renew();
    if (failure !== null) throw this.#refusal ?? trimaranError("WORKER_ENDED", { problem: failure });
  }
}

const reportTimeoutMs = 1000;
