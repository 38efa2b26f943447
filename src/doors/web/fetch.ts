// A standard Request → the service's Response, through Fastify's inject: the whole path but the socket.
import type { FastifyInstance, InjectOptions } from "fastify";

export async function fetchByInject(app: FastifyInstance, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const headers = Object.fromEntries(request.headers);
  const body = request.body === null ? undefined : Buffer.from(await request.arrayBuffer());
  const answer = await app.inject({
    method: request.method as NonNullable<InjectOptions["method"]>,
    url: url.pathname + url.search,
    headers: { host: url.host, ...headers },
    ...(body === undefined ? {} : { payload: body }),
  });
  const replied = new Headers();
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value === undefined || name === "connection" || name === "transfer-encoding") continue;
    for (const item of Array.isArray(value) ? value : [String(value)]) replied.append(name, item);
  }
  const bodiless = request.method === "HEAD" || answer.statusCode === 204 || answer.statusCode === 304;
  return new Response(bodiless ? null : new Uint8Array(answer.rawPayload), {
    status: answer.statusCode,
    headers: replied,
  });
}
