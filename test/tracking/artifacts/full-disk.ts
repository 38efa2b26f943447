// A server that may write files of a few MiB only: what a full disk is to it. Prints what a client is told of an upload.
import { openTracking } from "../../../src/tracking/open-tracking.ts";

const folder = process.argv[2] ?? "";
await using tracking = await openTracking({ backendStoreUri: folder, artifactsDestination: `${folder}/artifacts` });
const listening = await tracking.listen({ port: 0 });
const url = `${listening.url}/api/2.0/mlflow-artifacts/artifacts/0/r/artifacts/x`;
const small = await fetch(url, { method: "PUT", body: "small" });
const large = await fetch(url, { method: "PUT", body: new Uint8Array(20 * 2 ** 20) });
const { error_code } = (await large.json()) as { error_code: string };
const kept = await (await fetch(url)).text();
process.stdout.write(JSON.stringify([small.status, large.status, error_code, kept]));
await listening.close();
