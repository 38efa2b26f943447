// The web door's entry: a catalog of prediction services → an HTTP service on a port, or behind a `fetch` without a port.
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Catalog } from "../../serving/catalog.ts";
import type { WebCounters } from "./counters.ts";
import { doneWithin } from "./done-within.ts";
import { Door, type Phase } from "./door.ts";
import { type DrainOptions, type DrainReport, defaultDeadlineMs, drainServer, trackSockets } from "./drain.ts";
import { fetchByInject } from "./fetch.ts";
import { createApp } from "./http-app.ts";
import { listen } from "./listen.ts";
import { urlOf } from "./url-of.ts";
import { type ResolvedWebOptions, resolveWebOptions, type WebOptions } from "./web-options.ts";

export interface WebServiceOptions extends WebOptions {
  /**
   * What is served; it stays the caller's to close. While a promise is open the door already listens, alive and not
   * ready; then the definition's `web` section comes too late to be read here.
   */
  readonly catalog: Catalog | Promise<Catalog>;
}

export interface WebHandler {
  readonly phase: Phase;
  readonly counters: WebCounters;
  /** Fulfilled when the catalog is there; rejected when it does not come. */
  readonly ready: Promise<void>;
  /** Answers without a port, by the same code. */
  fetch(request: Request): Promise<Response>;
  /** Lets what is being answered finish. A second call waits for the first. */
  close(options?: DrainOptions): Promise<DrainReport>;
}

export interface WebService extends WebHandler {
  /** `http://127.0.0.1:9696`; an address for all interfaces is shown as loopback. */
  readonly url: string;
  readonly port: number;
}

/**
 * Listens, and answers as soon as the catalog is there.
 * @throws PORT_IN_USE, PORT_NOT_ALLOWED, USAGE_INVALID
 */
export async function openWebService(options: WebServiceOptions): Promise<WebService> {
  const { handler, server, settings, door } = await build(options);
  const { sockets } = trackSockets(server);
  try {
    await listen(server, settings);
  } catch (error) {
    await handler.close();
    throw error;
  }
  const { port } = server.address() as AddressInfo;
  let closing: Promise<DrainReport> | undefined;
  const close = async ({ deadlineMs = defaultDeadlineMs }: DrainOptions = {}): Promise<DrainReport> => {
    door.phase = "draining";
    const report = await drainServer(door, { server, sockets }, deadlineMs);
    await handler.close({ deadlineMs: 0 });
    return report;
  };
  return {
    url: urlOf(settings, port),
    port,
    get phase() {
      return door.phase;
    },
    counters: door.counters,
    ready: handler.ready,
    fetch: handler.fetch,
    close: (drain) => {
      closing ??= close(drain);
      return closing;
    },
  };
}

/** The same without a port. @throws USAGE_INVALID */
export async function openWebHandler(options: WebServiceOptions): Promise<WebHandler> {
  // Names matter to whoever can be reached by one.
  return (await build({ allowedHosts: ["*"], ...options })).handler;
}

interface Built {
  readonly handler: WebHandler;
  readonly server: Server;
  readonly settings: ResolvedWebOptions;
  readonly door: Door;
}

async function build({ catalog, ...options }: WebServiceOptions): Promise<Built> {
  const section = catalog instanceof Promise ? undefined : catalog.find()?.deployment?.web;
  const settings = resolveWebOptions(options, section);
  const door = new Door(settings);
  const { app, server } = createApp(door);
  let ready: Promise<void>;
  if (catalog instanceof Promise) {
    ready = catalog.then(
      (opened) => {
        door.open(opened);
        door.start();
      },
      (error: unknown) => {
        door.phase = "failed";
        throw error;
      },
    );
    // Whoever gave the promise hears of it there.
    ready.catch(() => {});
  } else {
    door.open(catalog);
    door.start();
    ready = Promise.resolve();
  }
  await app.ready();
  const close = async ({ deadlineMs = defaultDeadlineMs }: DrainOptions = {}): Promise<DrainReport> => {
    door.phase = "draining";
    await doneWithin(door.flights.empty(), deadlineMs);
    door.flights.close();
    await app.close();
    door.counters.close();
    return { cutConnections: 0 };
  };
  const handler: WebHandler = {
    get phase() {
      return door.phase;
    },
    counters: door.counters,
    ready,
    fetch: (request) => fetchByInject(app, request),
    close,
  };
  return { handler, server, settings, door };
}
