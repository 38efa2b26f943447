// The Python environment with the real tritonclient. `scripts/python-environment.ts` makes it.
import type { PythonPins } from "../../../scripts/python-environment.ts";

export const tritonClient: PythonPins = {
  name: "tritonclient",
  python: "3.12",
  pins: ["tritonclient[http,grpc]==2.73.0"],
};
