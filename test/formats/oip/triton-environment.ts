// The Python environment with the real tritonclient.
import { findPythonEnvironment, makePythonEnvironment, type PythonPins } from "../../../scripts/python-environment.ts";

const tritonClient: PythonPins = {
  name: "tritonclient",
  python: "3.12",
  pins: ["tritonclient[http,grpc]==2.73.0"],
};

/** Its Python: found, or where the cache of test environments is set (as `.ci/run` sets it) made; else undefined. */
export async function findTritonClient(): Promise<string | undefined> {
  const found = findPythonEnvironment(tritonClient);
  if (found !== undefined || !process.env["TRIMARAN_TEST_CACHE"]) return found;
  return makePythonEnvironment(tritonClient).catch(() => undefined);
}
