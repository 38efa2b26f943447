// The load generator for gRPC: N connections, each with one unary call at a time. Frames over bare sockets, because a gRPC
// library would cost more than the services that are measured. An answer is right when its message is the expected one, byte by
// byte; a call that fails has no message.
import { connect, type Socket } from "node:net";
import {
  acknowledged,
  callBytes,
  callHeaders,
  endOfStream,
  type Frame,
  frame,
  framedMessage,
  frameType,
  openingBytes,
  readFrames,
} from "./http2-frames.ts";
import { Latencies } from "./latencies.ts";
import type { LoadResult } from "./load.ts";

export interface GrpcTask {
  readonly port: number;
  /** `/package.Service/Method` */
  readonly method: string;
  readonly connections: number;
  readonly seconds: number;
  /** Messages in base64, sent in turn. */
  readonly messages: readonly string[];
  /** The answer to each, in base64; null: whatever has a message counts. */
  readonly answers: readonly string[] | null;
}

export async function runGrpcLoad(task: GrpcTask): Promise<LoadResult> {
  const run = new GrpcRun(task);
  const cpu = process.cpuUsage();
  const start = performance.now();
  const end = start + task.seconds * 1000;
  await Promise.all(Array.from({ length: task.connections }, () => run.connection(end)));
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  return {
    requests: run.latencies.total,
    seconds,
    p50Ms: run.latencies.quantileMs(0.5),
    p99Ms: run.latencies.quantileMs(0.99),
    wrong: run.wrong,
    broken: run.broken,
    firstWrong: null,
    ownCpu: (user + system) / 1e6 / seconds,
  };
}

class GrpcRun {
  readonly latencies: Latencies = new Latencies();
  wrong = 0;
  broken = 0;
  readonly #task: GrpcTask;
  readonly #headers: Buffer;
  readonly #messages: readonly Buffer[];
  readonly #answers: readonly Buffer[] | null;
  #next = 0;

  constructor(task: GrpcTask) {
    const framed = (text: string): Buffer => framedMessage(Buffer.from(text, "base64"));
    this.#task = task;
    this.#headers = callHeaders(task.method, `127.0.0.1:${task.port}`);
    this.#messages = task.messages.map(framed);
    this.#answers = task.answers?.map(framed) ?? null;
  }

  connection(end: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const call = { stream: -1, message: 0, since: 0, data: [] as Buffer[] };
    let bytes: Buffer = Buffer.alloc(0);
    const socket = connect({ port: this.#task.port, host: "127.0.0.1", noDelay: true });
    const send = (): void => {
      call.stream += 2;
      call.message = this.#next++ % this.#messages.length;
      call.data = [];
      call.since = performance.now();
      socket.write(callBytes(this.#headers, this.#messages[call.message]!, call.stream));
    };
    socket.on("connect", () => {
      socket.write(openingBytes());
      send();
    });
    socket.on("data", (chunk: Buffer) => {
      const read = readFrames(bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]));
      bytes = read.rest;
      for (const { type, flags, stream, payload } of read.frames) {
        answerControl(socket, { type, flags, payload });
        if (stream !== call.stream) continue;
        if (type === frameType.data) call.data.push(payload);
        const isReset = type === frameType.reset;
        if (!isReset && !((type === frameType.headers || type === frameType.data) && flags & endOfStream)) continue;
        const now = performance.now();
        this.latencies.addMs(now - call.since);
        if (isReset || !this.#isRight(Buffer.concat(call.data), call.message)) this.wrong++;
        if (now < end) send();
        else {
          call.stream = 0;
          socket.destroy();
        }
      }
    });
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      if (call.stream !== 0) this.broken++;
      resolve();
    });
    return promise;
  }

  #isRight(data: Buffer, message: number): boolean {
    return this.#answers === null ? data.length > 5 : this.#answers[message]!.equals(data);
  }
}

/** What a server asks of the connection itself. Its windows are wider than a request, and requests come one by one. */
function answerControl(socket: Socket, { type, flags, payload }: Omit<Frame, "stream">): void {
  if (type !== frameType.settings && type !== frameType.ping) return;
  if (flags & acknowledged) return;
  socket.write(frame(type, acknowledged, 0, type === frameType.ping ? payload : undefined));
}
