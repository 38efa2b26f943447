// What a worker holds: the web door, the catalog behind it, and the sockets that it accepts from.
import type { Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import process from "node:process";
import { inspect } from "node:util";
import { isTrimaranError } from "../../../base/errors.ts";
import { describeThrown } from "../../../data/describe-thrown.ts";
import { Acceptor } from "../../../io/acceptor.ts";
import { carryError, toError } from "../../../io/carried-error.ts";
import { ConnectionSpread } from "../../../io/connection-spread.ts";
import { serveWhenAsked } from "../../../io/live-connection.ts";
import { type MetricFamily, sumFamilies } from "../../../io/metrics/metric-family.ts";
import { reasonOf } from "../../../serving/slot/model-slot.ts";
import type { ServingChange } from "../../../serving/slot/serving-change.ts";
import { SlotCatalog } from "../../../serving/slot/slot-catalog.ts";
import { lagName } from "../counters.ts";
import { Door } from "../door.ts";
import { doorFamilies } from "../door-families.ts";
import { trackSockets } from "../drain.ts";
import { createApp } from "../http-app.ts";
import { openTelemetry, type Telemetry } from "../observe/open-telemetry.ts";
import { sampleRequest } from "../sample-request.ts";
import { type Fault, resolveWebOptions } from "../web-options.ts";
import type { ServedFace, WorkerOrder, WorkerState } from "./messages.ts";
import { readWebFiles } from "./web-files.ts";
import { drainWorker } from "./worker-drain.ts";
import { drainGrpc, openWorkerGrpc, type WorkerGrpc } from "./worker-grpc.ts";
import type { WorkerLink } from "./worker-link.ts";

type Open = Extract<WorkerOrder, { kind: "open" }>;
type Drain = Omit<Extract<WorkerOrder, { kind: "drain" }>, "kind">;

interface Opened {
  readonly door: Door;
  readonly catalog: SlotCatalog;
  readonly server: Server;
  readonly sockets: ReadonlySet<Socket>;
  readonly acceptor: Acceptor;
  readonly telemetry: Telemetry | null;
  readonly close: () => Promise<void>;
}

interface HandedSocket {
  readonly door: "http" | "grpc";
  readonly handle: unknown;
}

export class WorkerDoor {
  readonly #link: WorkerLink;
  #opened: Promise<Opened> | null = null;
  readonly #sockets: HandedSocket[] = [];
  #grpc: Promise<WorkerGrpc> | null = null;
  #accepts = false;
  #requests = 0;
  /** Changes of what is served, one after the other. */
  #changes: Promise<unknown> = Promise.resolve();
  #draining: Promise<void> | null = null;
  readonly #spreads: Readonly<Record<"http" | "grpc", ConnectionSpread>>;
  #isStopping = false;
  readonly #portsClosed = Promise.withResolvers<void>();

  constructor(link: WorkerLink) {
    this.#link = link;
    this.#spreads = { http: spreadOf("http", link), grpc: spreadOf("grpc", link) };
  }

  take(order: WorkerOrder, handle: unknown): void {
    switch (order.kind) {
      case "open":
        this.#opened = this.#open(order);
        this.#opened.catch((error: unknown) => this.#fail("load", error));
        this.#accepts = order.early;
        return;
      case "socket":
        if (this.#accepts) this.#accept({ door: order.door, handle });
        else this.#sockets.push({ door: order.door, handle });
        return;
      case "load":
        this.#change((opened) => this.#load(opened, order.changes)).catch((error: unknown) =>
          this.#fail("load", error),
        );
        return;
      case "work":
        this.#accepts = true;
        for (const held of this.#sockets.splice(0)) this.#accept(held);
        void this.#opened?.then(({ door }) => door.start());
        return;
      case "stage":
        this.#answer(order.id, ({ catalog }) => catalog.stage(order.changes));
        return;
      case "commit":
        this.#answer(order.id, async ({ catalog }) => {
          await catalog.commit(order.changes);
          await this.#tellServed("serves", catalog);
        });
        return;
      case "unstage":
        void this.#change(async ({ catalog }) => catalog.unstage());
        return;
      case "state":
        // Also while something is being loaded.
        void this.#opened?.then((opened) => this.#tellState(order.id, opened)).catch(() => {});
        return;
      case "refuse": {
        const { lane, version } = order;
        const error = toError(order.error);
        void this.#change(async ({ catalog }) => catalog.refuse(lane, { version, reason: reasonOf(error), error }));
        return;
      }
      case "report":
        this.#link.tell({ kind: "report", id: order.id, value: this.#link.report() });
        return;
      case "asked":
        this.#link.asked(order);
        return;
      case "log-level": {
        const { level } = order;
        void this.#change(async ({ telemetry }) => {
          if (telemetry !== null) telemetry.log.level = level;
        }).catch(() => {});
        return;
      }
      case "spread":
        if (this.#draining === null) this.#spreads[order.door].setOthers(order.others);
        return;
      case "taken":
        this.#spreads[order.door].taken();
        return;
      case "connection":
        this.#takeConnection(order, handle);
        return;
      case "ports-closed":
        this.#portsClosed.resolve();
        return;
      case "drain":
        void this.drain(order);
        return;
      default:
        order satisfies never;
    }
  }

  /** Finishes what it began and ends the process. */
  drain(how: Drain): Promise<void> {
    if (how.why === "stop") this.#isStopping = true;
    for (const spread of Object.values(this.#spreads)) spread.close();
    this.#draining ??= this.#drain(how);
    return this.#draining;
  }

  async #drain(how: Drain): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined);
    if (opened !== undefined) {
      const grpc = await this.#grpc?.catch(() => undefined);
      const { drainGraceMs: graceMs } = opened.door.options;
      await Promise.all([
        drainWorker({ ...opened, isStopping: () => this.#isStopping, portClosed: () => this.#portClosed() }, how),
        grpc === undefined ? undefined : drainGrpc(grpc, { ...how, graceMs }),
      ]);
      this.#link.tell({ kind: "last-report", value: this.#link.report() });
      await opened.close();
    }
    process.exit(0);
  }

  /** Tells that the port is closed here; resolves when it is everywhere. */
  #portClosed(): Promise<void> {
    if (!process.connected) return Promise.resolve();
    this.#link.tell({ kind: "port-closed" });
    return this.#portsClosed.promise;
  }

  async #open({ web: { files = {}, ...web }, section, load, beatMs, telemetry: asked }: Open): Promise<Opened> {
    // While the model is prepared there is time to load what opens it.
    if (load.cache !== undefined) import("../../../loaders/open-graph-file.ts").catch(() => {});
    const read = await readWebFiles(files);
    const link = this.#link;
    const collectMetrics = (own: readonly MetricFamily[]): Promise<readonly MetricFamily[]> => collectAll(link, own);
    const door: Door = new Door(
      resolveWebOptions(
        {
          adminToken: process.env["TRIMARAN_ADMIN_TOKEN"],
          ...web,
          ...read,
          collectMetrics,
          onFault: (fault) => this.#fault(fault),
        },
        section,
      ),
    );
    const telemetry = asked === null ? null : await openTelemetry(door, asked, process.env);
    const { app, server } = createApp(door);
    link.report = () => doorFamilies(door);
    const catalog = new SlotCatalog({
      ...load,
      onLoad: async (_name, requests) => void (await link.ask({ kind: "load", requests })),
      onUnload: async (name) => void (await link.ask({ kind: "unload", name })),
    });
    door.catalog = catalog;
    telemetry?.watch(catalog);
    const { sockets, hold } = trackSockets(server);
    const spread = this.#spreads.http;
    server.on("request", (_request, answer) => {
      this.#requests++;
      if (spread.hasSurplus) offerAfter(answer, spread);
    });
    await app.ready();
    // Node sets up its limits of time when a server listens; this one is given its connections.
    server.emit("listening");
    const acceptor = new Acceptor({
      allowHalfOpen: (server as unknown as { allowHalfOpen: boolean }).allowHalfOpen,
      spread,
      onConnection: (socket, isLive) => {
        const serve = (): void => void server.emit("connection", socket);
        if (!isLive) {
          serve();
          return;
        }
        hold(socket);
        serveWhenAsked(socket, door.options.keepAliveTimeoutMs, serve);
      },
    });
    door.admission.hasAccepted = () => acceptor.tookOne();
    const close = async (): Promise<void> => {
      door.flights.close();
      await catalog.close();
      await telemetry?.close();
    };
    this.#beat({ door, sockets }, beatMs);
    return { door, catalog, server, sockets, acceptor, telemetry, close };
  }

  /** Whoever cannot load what serves does not serve; a challenger that cannot be loaded is told of and missing. */
  async #load({ door, catalog }: Opened, changes: readonly ServingChange[]): Promise<void> {
    const champions = changes.filter(({ kind }) => !isChallenger(kind));
    await catalog.stage(champions);
    await catalog.commit(champions);
    for (const change of changes) {
      if (!isChallenger(change.kind)) continue;
      await catalog.commit([change]).catch((error: unknown) => {
        this.#link.tell({ kind: "unfit", name: "name" in change ? change.name : "", error: carryError(error) });
      });
    }
    door.open(catalog);
    await this.#tellServed("ready", catalog);
  }

  async #tellServed(kind: "ready" | "serves", catalog: SlotCatalog): Promise<void> {
    const first = catalog.uncounted;
    const sample = first === undefined ? null : await sampleRequest(first).catch(() => null);
    this.#link.tell({ kind, services: faces(catalog), sample });
  }

  #tellState(id: number, { door, catalog, sockets }: Opened): void {
    const value: WorkerState = {
      uptimeMs: Math.round(process.uptime() * 1000),
      rssBytes: process.memoryUsage.rss(),
      requests: this.#requests + (door.grpc?.calls ?? 0),
      connections: sockets.size,
      inFlight: door.inFlight,
      statuses: catalog.statuses(),
      versions: catalog.counts(),
    };
    this.#link.tell({ kind: "report", id, value });
  }

  #accept({ door: which, handle }: HandedSocket): void {
    const accepting = this.#opened?.then(async ({ door, acceptor }) => {
      if (which === "http") return acceptor.accept(handle);
      this.#grpc ??= openWorkerGrpc(door, this.#spreads.grpc);
      return (await this.#grpc).acceptor.accept(handle);
    });
    accepting?.catch((error: unknown) => this.#fail("socket", error));
  }

  /** Another worker has accepted it, and has read nothing of it or answered all that it has read. */
  #takeConnection({ door, isLive }: Extract<WorkerOrder, { kind: "connection" }>, handle: unknown): void {
    const taking = this.#opened?.then(async ({ acceptor }) => {
      const taker = door === "http" ? acceptor : (await this.#grpc)?.acceptor;
      taker?.take(handle, { isLive });
    });
    taking?.catch(() => {});
  }

  #change<Value>(change: (opened: Opened) => Promise<Value>): Promise<Value> {
    const done = this.#changes.then(async () => {
      if (this.#opened === null) throw new TypeError("a worker is told to load before it is opened");
      return change(await this.#opened);
    });
    this.#changes = done.catch(() => {});
    return done;
  }

  #answer(id: number, change: (opened: Opened) => Promise<void>): void {
    this.#change(change).then(
      () => this.#link.tell({ kind: "done", id, error: null }),
      (error: unknown) => this.#link.tell({ kind: "done", id, error: carryError(error) }),
    );
  }

  #fail(what: "socket" | "load", error: unknown): void {
    this.#link.tell({ kind: "failed", what, error: carryError(error) });
  }

  #fault({ requestId, error }: Fault): void {
    // A message that is not ours may quote a row.
    const text = isTrimaranError(error) ? `${error.code}: ${error.message}` : describeThrown(error);
    this.#link.tell({ kind: "fault", requestId, text, detail: inspect(error) });
  }

  /** The sign of life comes from the event loop that answers requests: when that is stuck, there is none. */
  #beat({ door, sockets }: Pick<Opened, "door" | "sockets">, beatMs: number): void {
    let plannedAt = performance.now();
    const beat = (): void => {
      const now = performance.now();
      this.#link.tell({
        kind: "beat",
        lagMs: Math.max(0, now - plannedAt),
        rssBytes: process.memoryUsage.rss(),
        requests: this.#requests + (door.grpc?.calls ?? 0),
        connections: sockets.size,
        inFlight: door.inFlight,
      });
      plannedAt = now + beatMs;
    };
    setInterval(beat, beatMs).unref();
    beat();
  }
}

function isChallenger(kind: ServingChange["kind"]): boolean {
  return kind === "shadow" || kind === "canary";
}

function spreadOf(door: "http" | "grpc", link: WorkerLink): ConnectionSpread {
  return new ConnectionSpread({
    tell: (count, busy) => link.tell({ kind: "connections", door, count, busy }),
    pass: (to, { handle, isLive }, sent) => link.pass({ kind: "pass", door, to, isLive }, handle, sent),
    movesLive: door === "http",
  });
}

/** What came in one piece with the request has been looked at by then. */
function offerAfter(answer: ServerResponse, spread: ConnectionSpread): void {
  const { socket } = answer;
  if (socket !== null) answer.once("finish", () => setImmediate(() => spread.offer(socket)));
}

/** Of all workers, this one among them. The lag was measured when it was asked for, and that begins a new measurement. */
async function collectAll(link: WorkerLink, own: readonly MetricFamily[]): Promise<readonly MetricFamily[]> {
  // While the supervisor is gone or busy, a part is better than nothing.
  const reports = (await link.ask({ kind: "reports" }).catch(() => null)) as
    | readonly (readonly MetricFamily[])[]
    | null;
  if (reports === null || reports.length === 0) return own;
  return sumFamilies([...reports, own.filter(({ name }) => name === lagName)]);
}

function faces(catalog: SlotCatalog): readonly ServedFace[] {
  return catalog.names.flatMap((name) => {
    const model = catalog.find(name)?.model;
    return model === undefined ? [] : [{ name, model: model.uri, version: model.version, digest: model.digest }];
  });
}
