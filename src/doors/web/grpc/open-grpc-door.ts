// The gRPC side of the web door: the same models, queue and counters, over connections that somebody else accepts.
import { constants, type ServerHttp2Session } from "node:http2";
import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type ConnectionInjector, Server, ServerCredentials } from "@grpc/grpc-js";
import { fromJSON, loadSync, type PackageDefinition, type ServiceDefinition } from "@grpc/proto-loader";
import { ReflectionService } from "@grpc/reflection";
import { HealthImplementation, protoPath as healthProto } from "grpc-health-check";
import { oipDescriptor, oipLoaderOptions } from "../../../formats/oip/grpc-descriptor.ts";
import { doneWithin } from "../done-within.ts";
import type { Door } from "../door.ts";
import { isServerReady } from "../oip/server-facts.ts";
import { grpcDialect } from "./grpc-call.ts";
import { inferFlights, modelInfer, modelStreamInfer } from "./infer-grpc.ts";
import { inferenceMethods, repositoryMethods } from "./inference-methods.ts";

export interface GrpcDoor {
  /** Serves a connection that was accepted for it. */
  inject(socket: Socket): void;
  /** Tells callers to go elsewhere (GOAWAY), finishes what is being answered, and cuts what is left after that time. */
  drain(deadlineMs: number): Promise<void>;
}

const inferenceName = "inference.GRPCInferenceService";
const repositoryName = "inference.model_repository.ModelRepositoryService";

/** How often readiness is looked at for those who watch it. */
const healthMs = 100;

export function openGrpcDoor(door: Door): GrpcDoor {
  const { options } = door;
  const definitions = fromJSON(oipDescriptor as Parameters<typeof fromJSON>[0], oipLoaderOptions);
  const server = new Server({
    "grpc.max_receive_message_length": options.bodyLimit,
    "grpc.max_send_message_length": -1,
    "grpc.max_concurrent_streams": maxStreams,
    // A client that is gone without a word is found.
    "grpc.keepalive_time_ms": 60_000,
    "grpc.keepalive_timeout_ms": 20_000,
  });
  const flights = inferFlights(door);
  const infer = { door, flights };
  door.grpc = {
    get calls() {
      return door.counters.countOf(grpcDialect);
    },
    get inFlight() {
      return flights.count;
    },
  };
  server.addService(serviceOf(definitions, inferenceName), {
    ...inferenceMethods(door),
    ModelInfer: modelInfer(infer),
    ModelStreamInfer: modelStreamInfer(infer),
  });
  server.addService(serviceOf(definitions, repositoryName), repositoryMethods(door));
  const health = new HealthImplementation();
  health.addToServer(server);
  const watched = watchHealth(door, health);
  const reflected = { ...definitions, ...loadSync(healthProto, oipLoaderOptions) };
  new ReflectionService(reflected).addToServer(server);
  const injector: ConnectionInjector = server.createConnectionInjector(credentialsOf(door));
  const sockets = new Set<Socket>();
  let isClosed = false;
  return {
    inject(socket) {
      if (isClosed || sockets.size >= options.maxConnections) {
        socket.destroy();
        return;
      }
      sockets.add(socket);
      // What a connection dies of concerns nobody else.
      socket.on("error", () => {});
      socket.once("close", () => sockets.delete(socket));
      injector.injectConnection(socket);
    },
    async drain(deadlineMs) {
      watched.refresh();
      const end = performance.now() + deadlineMs;
      isClosed = true;
      sendNotice(server);
      await sleep(Math.min(noticeMs, deadlineMs / 4));
      const closed = new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
      await doneWithin(flights.empty(), Math.max(0, end - performance.now()));
      // Answers are on their way when the last one is made; whoever only watches is not waited for.
      await doneWithin(closed, Math.max(0, Math.min(lastMs, end - performance.now())));
      // A call that came meanwhile is answered too: what is cut while it is open, its caller sees as cancelled.
      while (flights.count > 0 && performance.now() < end) {
        await doneWithin(flights.empty(), end - performance.now());
        await sleep(answerMs);
      }
      watched.close();
      flights.close();
      server.forceShutdown();
      for (const socket of sockets) socket.destroy();
    },
  };
}

/**
 * RFC 9113, section 6.8: a first GOAWAY tells callers to open no more calls here, and those that cross it are answered still. A connection
 * that is closed at once would cut them, and their callers would see them as cancelled. grpc-js sends none by itself.
 */
function sendNotice(server: Server): void {
  const { sessions } = server as unknown as { readonly sessions?: ReadonlyMap<ServerHttp2Session, unknown> };
  for (const session of sessions?.keys() ?? []) {
    if (!session.closed && !session.destroyed) session.goaway(constants.NGHTTP2_NO_ERROR, maxStreamId);
  }
}

const maxStreamId = 2 ** 31 - 1;

/** For the notice to arrive, and for calls that cross it. */
const noticeMs = 150;

/** Calls of one connection at the same time; more wait at the client. */
const maxStreams = 1000;

/** What an answer that was just made needs to leave. */
const answerMs = 20;

/** How long the last answers may take to leave. */
const lastMs = 1000;

function serviceOf(definitions: PackageDefinition, name: string): ServiceDefinition {
  return definitions[name] as ServiceDefinition;
}

function credentialsOf({ options: { tls } }: Door): ServerCredentials {
  if (tls === undefined) return ServerCredentials.createInsecure();
  return ServerCredentials.createSsl(null, [{ cert_chain: Buffer.from(tls.cert), private_key: Buffer.from(tls.key) }]);
}

interface WatchedHealth {
  refresh(): void;
  close(): void;
}

/** The standard health service follows readiness; `""` stands for the whole server. */
function watchHealth(door: Door, health: HealthImplementation): WatchedHealth {
  let known: boolean | undefined;
  const refresh = (): void => {
    const ready = isServerReady(door);
    if (ready === known) return;
    known = ready;
    for (const name of ["", inferenceName, repositoryName]) health.setStatus(name, ready ? "SERVING" : "NOT_SERVING");
  };
  refresh();
  const timer = setInterval(refresh, healthMs);
  timer.unref();
  return { refresh, close: () => clearInterval(timer) };
}
