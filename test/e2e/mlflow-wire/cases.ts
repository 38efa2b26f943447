// Every request that is compared, in the order in which they are sent.
import { experimentCases, strictExperimentCases } from "./cases/experiments.ts";
import { otherCases } from "./cases/others.ts";
import { lenientRegistryCases, registryCases } from "./cases/registry.ts";
import { runCases, strictRunCases } from "./cases/runs.ts";
import { traceCases } from "./cases/traces.ts";
import type { WireCase } from "./wire-case.ts";

export const wireCases: readonly WireCase[] = [
  ...experimentCases,
  ...runCases,
  ...registryCases,
  ...traceCases,
  ...otherCases,
  ...lenientRegistryCases,
  ...strictExperimentCases,
  ...strictRunCases,
];
