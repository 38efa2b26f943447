// What a route gets that reads and writes bodies by itself.
import type { TrackingContext } from "../handlers/handler.ts";
import type { HttpAnswer, HttpRequest } from "./exchange.ts";
import type { Router } from "./router.ts";

export interface RawCall {
  readonly request: HttpRequest;
  readonly query: URLSearchParams;
  readonly parameters: Readonly<Record<string, string>>;
  readonly context: TrackingContext;
}

export type RawRoute = (call: RawCall) => Promise<HttpAnswer>;

export type RawRouter = Pick<Router<{ readonly raw: RawRoute }>, "add" | "addPath">;
