// Who looks on: it is told of every answered request when its answer is out, and costs nothing where there is none.
import type { FastifyReply, FastifyRequest } from "fastify";

export interface Observer {
  answered(request: FastifyRequest, reply: FastifyReply): void;
  /** A request that no route saw: malformed, too slow, or one connection too many. */
  broken(answer: BrokenAnswer): void;
}

export interface BrokenAnswer {
  readonly requestId: string;
  readonly status: number;
  readonly remote: string | undefined;
}

/** The route as it is documented, `/predict/{name}`: never what stands in the URL. */
export function routeOf({ routeOptions }: FastifyRequest): string | null {
  return routeOptions?.config?.template ?? null;
}
