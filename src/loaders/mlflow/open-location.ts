// A location of artifacts → the source that reads it, if it may be read on the word of whoever named it.
import { fileURLToPath } from "node:url";
import { trimaranError } from "../../base/errors.ts";
import { checkedLocation, schemeOf, withoutUser } from "../../mlflow/uri.ts";
import { type ArtifactSource, localSource, proxySource, urlSource } from "./artifact-source.ts";
import { type NetworkTransport, networkTransport } from "./network-transport.ts";
import type { Tracking } from "./tracking.ts";
import { type Environment, readTrackingSettings } from "./tracking-settings.ts";

export interface OpenLocationOptions {
  /** A server named it; else the user did. */
  readonly isTold: boolean;
  readonly tracking: () => Promise<Tracking>;
  readonly env: Environment;
}

/**
 * A server cannot lead us anywhere: places on this machine are read only if it is on this machine too, and other hosts never.
 * @throws MODEL_URI, ARTIFACT_LOCAL, ARTIFACT_UNSAFE, TRACKING_URI
 */
export async function openLocation(written: string, options: OpenLocationOptions): Promise<ArtifactSource> {
  const location = checkedLocation(written);
  switch (schemeOf(location)) {
    case "mlflow-artifacts":
      return openProxied(location, options);
    case "http":
    case "https":
      return openUrl(location, options);
    case "s3": {
      const { s3Source } = await import("./s3-source.ts");
      return s3Source(location, options.env);
    }
    case "file":
    case null: {
      const { isLocal } = await options.tracking();
      if (options.isTold && !isLocal) throw trimaranError("ARTIFACT_LOCAL", { location });
      return localSource(location.startsWith("file:") ? pathOfFile(location) : location);
    }
    default:
      throw trimaranError("MODEL_URI", { uri: withoutUser(location), problem: "nothing is read from there" });
  }
}

function pathOfFile(location: string): string {
  try {
    return fileURLToPath(location);
  } catch (cause) {
    throw trimaranError("MODEL_URI", { uri: location, problem: "it is no URI of a local file" }, { cause });
  }
}

async function openProxied(location: string, options: OpenLocationOptions): Promise<ArtifactSource> {
  const [, host = "", path = ""] = /^mlflow-artifacts:(?:\/\/([^/]*))?\/*(.*)$/i.exec(location) ?? [];
  const tracking = await options.tracking();
  const { network } = tracking;
  const root = path.replace(/\/+$/, "");
  if (host === "" || network === null || new URL(network.origin).host === host)
    return proxySource(tracking.transport, root);
  if (options.isTold) throw elsewhere(location);
  const scheme = network.origin.startsWith("https:") ? "https" : "http";
  return proxySource(await plainTransport(`${scheme}://${host}`, options.env), root);
}

async function openUrl(location: string, options: OpenLocationOptions): Promise<ArtifactSource> {
  if (!URL.canParse(location))
    throw trimaranError("MODEL_URI", { uri: withoutUser(location), problem: "it is no URL" });
  const url = new URL(location);
  if (options.isTold) {
    const { network } = await options.tracking();
    if (network?.origin !== url.origin) throw elsewhere(location);
    return urlSource(network, url);
  }
  return urlSource(await plainTransport(url.href, options.env), url);
}

/** Of a URL's origin, with the credentials that stand in the URL and no others. */
async function plainTransport(href: string, env: Environment): Promise<NetworkTransport> {
  const url = new URL(href);
  const origin = new URL("/", url);
  const settings = await readTrackingSettings({ ...env, MLFLOW_TRACKING_URI: undefined });
  const { username, password } = url;
  origin.username = "";
  const user = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const authorization = username === "" ? null : `Basic ${Buffer.from(user).toString("base64")}`;
  return networkTransport({ ...settings, url: origin.href, authorization });
}

function elsewhere(location: string): Error {
  const problem = "the tracking server names a place on another host";
  return trimaranError("ARTIFACT_UNSAFE", { location: withoutUser(location), problem });
}
