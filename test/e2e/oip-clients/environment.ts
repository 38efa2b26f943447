// The Python that holds the protocol's own clients, as pip installs them.
import { findPythonEnvironment, makePythonEnvironment, type PythonPins } from "../../../scripts/python-environment.ts";

const clientPins: PythonPins = {
  name: "oip-clients",
  python: "3.12",
  pins: [
    "tritonclient[http,grpc]==2.73.0",
    "grpcio==1.85.1",
    "grpcio-reflection==1.81.1",
    "grpcio-health-checking==1.81.1",
    "scikit-learn==1.5.1",
    "numpy==2.2.6",
  ],
};

/** Found, or where the cache of test environments is set (as `.ci/run` sets it) made; else undefined. */
export async function findClients(): Promise<string | undefined> {
  const found = findPythonEnvironment(clientPins);
  if (found !== undefined || !process.env["TRIMARAN_TEST_CACHE"]) return found;
  return makePythonEnvironment(clientPins).catch(() => undefined);
}
