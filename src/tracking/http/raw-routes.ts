// Routes that do not speak JSON: health, version, the page at `/`, and files of artifacts both ways.
import { endpointTable } from "../../mlflow/endpoint-table.ts";
import { addArtifactRoutes } from "./artifact-routes.ts";
import { textAnswer } from "./exchange.ts";
import { addOtlpRoute } from "./otlp-route.ts";
import type { RawRouter } from "./raw-call.ts";

/** The version of MLflow whose protocol and schema this server speaks: clients decide by it what they may ask. */
export const spokenVersion = "3.18.0";

export function addRawRoutes(router: RawRouter, page: string): void {
  router.addPath("GET", "/", { raw: async () => textAnswer(200, page) });
  router.add(endpointTable.getHealth, { raw: async () => textAnswer(200, "OK") });
  router.add(endpointTable.getVersion, { raw: async () => textAnswer(200, spokenVersion) });
  addArtifactRoutes(router);
  addOtlpRoute(router);
}
