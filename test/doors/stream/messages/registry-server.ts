// A small schema registry that speaks the REST API of Confluent's, as far as serializers and our client ask it.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

interface Stored {
  readonly id: number;
  readonly schema: string;
  readonly schemaType: string;
  readonly references: readonly unknown[];
}

export interface RegistryServer extends AsyncDisposable {
  readonly url: string;
  /** `METHOD path` of each request. */
  readonly asked: string[];
  readonly subjects: Map<string, Stored[]>;
  /** The `Authorization` header that requests must carry; null: none. */
  authorization: string | null;
  /** Answers everything with this status; null: as it should. */
  fails: number | null;
  /** Refuses what is registered as not compatible. */
  refuses: boolean;
  add(subject: string, schema: unknown, more?: { schemaType?: string; references?: readonly unknown[] }): number;
}

export async function startRegistry(): Promise<RegistryServer> {
  const subjects = new Map<string, Stored[]>();
  const all: Stored[] = [];
  const add: RegistryServer["add"] = (subject, schema, { schemaType = "AVRO", references = [] } = {}) => {
    const text = typeof schema === "string" ? schema : JSON.stringify(schema);
    const same = all.find((stored) => stored.schema === text && stored.schemaType === schemaType);
    const stored = same ?? { id: 100_001 + all.length, schema: text, schemaType, references };
    if (same === undefined) all.push(stored);
    const versions = subjects.get(subject) ?? [];
    if (!versions.includes(stored)) versions.push(stored);
    subjects.set(subject, versions);
    return stored.id;
  };
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  const registry: RegistryServer = {
    url: "",
    asked: [],
    subjects,
    authorization: null,
    fails: null,
    refuses: false,
    add,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const path = (request.url ?? "").split("?")[0]!;
    registry.asked.push(`${request.method} ${path}`);
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { "content-type": "application/vnd.schemaregistry.v1+json" });
      response.end(JSON.stringify(body));
    };
    if (registry.fails !== null) return send(registry.fails, { error_code: registry.fails, message: "as told" });
    if (registry.authorization !== null && request.headers.authorization !== registry.authorization) {
      return send(401, { error_code: 401, message: "Unauthorized" });
    }
    const steps = path.split("/").slice(1).map(decodeURIComponent);
    const face = ({ id, schema, schemaType, references }: Stored): object => ({
      id,
      schema,
      ...(schemaType === "AVRO" ? {} : { schemaType }),
      ...(references.length === 0 ? {} : { references }),
    });
    if (request.method === "GET" && steps[0] === "schemas") {
      const stored = all.find(({ id }) => String(id) === steps[2]);
      return stored === undefined
        ? send(404, { error_code: 40403, message: "Schema not found" })
        : send(200, face(stored));
    }
    if (steps[0] !== "subjects") return send(404, { error_code: 404, message: "HTTP 404 Not Found" });
    const subject = steps[1] ?? "";
    const versions = subjects.get(subject) ?? [];
    if (request.method === "GET") {
      const index = steps[3] === "latest" ? versions.length - 1 : Number(steps[3]) - 1;
      const stored = versions[index];
      if (stored === undefined) return send(404, { error_code: 40402, message: "Version not found" });
      return send(200, { subject, version: index + 1, ...face(stored) });
    }
    const wanted = JSON.parse(Buffer.concat(chunks).toString()) as { schema: string; schemaType?: string };
    const { schema, schemaType = "AVRO" } = wanted;
    if (steps[2] === "versions") {
      if (registry.refuses) return send(409, { error_code: 409, message: "Schema being registered is incompatible" });
      return send(200, { id: add(subject, schema, wanted) });
    }
    const index = versions.findIndex((stored) => stored.schema === schema && stored.schemaType === schemaType);
    if (versions.length === 0) return send(404, { error_code: 40401, message: "Subject not found" });
    if (index < 0) return send(404, { error_code: 40403, message: "Schema not found" });
    return send(200, { subject, version: index + 1, ...face(versions[index]!) });
  }

  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return Object.assign(registry, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}
