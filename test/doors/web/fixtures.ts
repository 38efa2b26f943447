// What the web door's tests share: a small service of functions, a running door, raw sockets.
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import type { RowIssue, Warning } from "../../../src/data/batch.ts";
import { openWebService, type WebService, type WebServiceOptions } from "../../../src/doors/web/open-web-service.ts";
import type { Answers } from "../../../src/serving/answers.ts";
import { fixedCatalog } from "../../../src/serving/catalog.ts";
import type { PredictionService } from "../../../src/serving/prediction-service.ts";

export interface SmallService {
  readonly name?: string;
  readonly version?: string | null;
  /** Runs before each answer. */
  readonly before?: (rows: readonly unknown[]) => Promise<void>;
}

/** Answers `{"twice":2x}` to `{"x":number}`; `{"x":…,"warn":name}` is answered with a warning about that name. */
export function smallService({ name = "small", version = null, before }: SmallService = {}): PredictionService {
  return {
    name,
    deployment: null,
    definitionDigest: null,
    model: { uri: `./${name}`, digest: `sha256:${"0".repeat(64)}`, version },
    models: [{ name, uri: `./${name}`, digest: `sha256:${"0".repeat(64)}`, version }],
    input: { kind: "records", features: [{ name: "x", numeric: true, categories: [] }] },
    methods: ["predict"],
    async answer(rows): Promise<Answers> {
      await before?.(rows);
      const issues: RowIssue[] = [];
      const warnings: Warning[] = [];
      for (const [row, value] of rows.entries()) {
        const { x, warn } = (value ?? {}) as { readonly x?: unknown; readonly warn?: string };
        if (typeof x !== "number") issues.push({ row, path: "/x", code: "wrong_type", message: "x must be a number." });
        else if (warn !== undefined) warnings.push({ code: "unseen_category", field: warn, count: 1 });
      }
      const value = (row: number) => ({ twice: 2 * (rows[row] as { readonly x: number }).x });
      return {
        rowCount: rows.length,
        issues,
        warnings,
        modelVersion: version,
        text: (row) => JSON.stringify(value(row)),
        value,
        record: (row) => ({ input: rows[row], features: rows[row], output: value(row) }),
      };
    },
    async check() {
      return { issues: [], notes: [] };
    },
    async close() {},
  };
}

export interface TestDoor extends AsyncDisposable {
  readonly web: WebService;
  post(body: string | Uint8Array, init?: PostInit): Promise<Reply>;
}

export interface PostInit {
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

export interface TestDoorOptions extends Partial<WebServiceOptions> {
  readonly services?: readonly PredictionService[] | Promise<readonly PredictionService[]>;
}

/** A door on a free port with a small service, unless told otherwise; it goes down without waiting. */
export async function testDoor({ services, ...options }: TestDoorOptions = {}): Promise<TestDoor> {
  const given = services ?? [smallService()];
  const catalog = given instanceof Promise ? given.then(fixedCatalog) : fixedCatalog(given);
  const web = await openWebService({ catalog, port: 0, drainGraceMs: 0, ...options });
  return {
    web,
    async post(body, { path = "/predict", headers = {} } = {}) {
      const sent = { "content-type": "application/json", ...headers };
      const response = await fetch(web.url + path, { method: "POST", headers: sent, body: body as BodyInit });
      return { status: response.status, headers: response.headers, text: await response.text() };
    },
    async [Symbol.asyncDispose]() {
      await web.close({ deadlineMs: 0 });
    },
  };
}

export interface RawConnection extends Disposable {
  readonly socket: Socket;
  send(text: string): void;
  /** What came so far. */
  received(): string;
  /** Resolves when `pattern` came. */
  until(pattern: RegExp): Promise<string>;
  /** Everything, when the other side has closed. */
  end(): Promise<string>;
}

export async function rawConnection(web: WebService): Promise<RawConnection> {
  const socket = connect(web.port, "127.0.0.1");
  let text = "";
  socket.setEncoding("latin1").on("data", (chunk: string) => {
    text += chunk;
  });
  socket.on("error", () => {});
  const closed = once(socket, "close");
  await once(socket, "connect");
  return {
    socket,
    send: (part) => void socket.write(part, "latin1"),
    received: () => text,
    async until(pattern) {
      while (!pattern.test(text)) {
        if (socket.closed) throw new Error(`closed after ${JSON.stringify(text)}`);
        await Promise.race([once(socket, "data"), closed]);
      }
      return text;
    },
    async end() {
      await closed;
      return text;
    },
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

/** One raw request on a connection of its own, and all that came back until the service closed it. */
export async function rawExchange(web: WebService, request: string): Promise<string> {
  using connection = await rawConnection(web);
  connection.send(request);
  return await connection.end();
}

/** The JSON of a reply that came over a raw connection. */
export function rawBody(reply: string): { readonly [name: string]: unknown } {
  return JSON.parse(reply.slice(reply.indexOf("\r\n\r\n") + 4)) as { readonly [name: string]: unknown };
}
