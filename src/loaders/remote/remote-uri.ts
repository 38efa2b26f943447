// The URI of a model behind an Open Inference Protocol server:
//
//   oip+http(s)://host[:port][/prefix]/v2/models/M[/versions/V][?input=NAME:DATATYPE:-1,4&output=NAME]
//   oip+grpc(s)://host:port[/v2/models]/M[/versions/V][?…]
//
// `input` (again for each) and `output` say what a server does not tell of itself.
import { type TrimaranError, trimaranError } from "../../base/errors.ts";
import { isDatatype } from "../../formats/oip/datatype.ts";
import type { TensorMetadata } from "../../formats/oip/model-metadata.ts";

export interface RemoteUri {
  readonly transport: "http" | "grpc";
  readonly secure: boolean;
  /** `host:port`, for connections and messages. */
  readonly server: string;
  /** What stands before `/v2`; "" as a rule. */
  readonly prefix: string;
  readonly model: string;
  /** Null: the server chooses. */
  readonly version: string | null;
  readonly inputs: readonly TensorMetadata[];
  readonly outputs: readonly string[];
}

export function isRemoteUri(uri: string): boolean {
  return /^oip\+/i.test(uri);
}

/** @throws REMOTE_URI */
export function parseRemoteUri(uri: string): RemoteUri {
  const scheme = /^oip\+(http|grpc)(s?):\/\//i.exec(uri);
  if (scheme === null) throw uriProblem("it must begin with oip+http://, oip+https://, oip+grpc:// or oip+grpcs://");
  const transport = scheme[1]?.toLowerCase() === "http" ? "http" : "grpc";
  const secure = scheme[2] !== "";
  // `http` whatever the transport, because `URL` checks hosts of known schemes only.
  const text = `http${secure ? "s" : ""}://${uri.slice(scheme[0].length)}`;
  if (!URL.canParse(text)) throw uriProblem("it is no URL");
  const url = new URL(text);
  if (url.username !== "" || url.password !== "") throw uriProblem("it holds a user or a password");
  if (url.hash !== "") throw uriProblem("it ends in `#…`, which names parts of files");
  if (transport === "grpc" && !hasPort(uri)) throw uriProblem("a gRPC server is named with its port");
  const { prefix, model, version } = pathOf(url.pathname, transport);
  return {
    transport,
    secure,
    server: transport === "http" ? url.host : `${url.hostname}:${url.port || (secure ? 443 : 80)}`,
    prefix,
    model,
    version,
    inputs: url.searchParams.getAll("input").map(declaredInput),
    outputs: declaredOutputs(url.searchParams),
  };
}

function hasPort(uri: string): boolean {
  return /^[^:]+:\/\/[^/?]*:\d+(?:[/?]|$)/.test(uri);
}

function pathOf(path: string, transport: "http" | "grpc"): Pick<RemoteUri, "prefix" | "model" | "version"> {
  const full = /^(.*?)\/v2\/models\/([^/]+)(?:\/versions\/([^/]+))?\/?$/.exec(path);
  if (full !== null) {
    const [, prefix = "", model = "", version] = full;
    if (transport === "grpc" && prefix !== "") throw uriProblem("a gRPC server has no path before `/v2`");
    return { prefix, model: decoded(model), version: version === undefined ? null : decoded(version) };
  }
  const short = transport === "grpc" ? /^\/([^/]+)(?:\/versions\/([^/]+))?\/?$/.exec(path) : null;
  const model = short?.[1];
  if (model === undefined) throw uriProblem("it names no model");
  return { prefix: "", model: decoded(model), version: short?.[2] === undefined ? null : decoded(short[2]) };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw uriProblem("its path holds a `%` that encodes nothing");
  }
}

function declaredInput(text: string): TensorMetadata {
  // A name may hold colons; datatype and shape do not.
  const parts = /^(.+):([A-Z0-9]+):(-?\d+(?:,-?\d+)*)$/.exec(text);
  const [, name = "", datatype, shape = ""] = parts ?? [];
  if (!isDatatype(datatype)) throw uriProblem("`input` must be NAME:DATATYPE:SHAPE, such as `x:FP64:-1,4`");
  const dims = shape.split(",").map(Number);
  if (dims.some((dim) => dim < -1 || dim > 2 ** 26)) throw uriProblem("`input` has a shape that cannot be");
  return { name, datatype, shape: dims };
}

function declaredOutputs(params: URLSearchParams): readonly string[] {
  const strange = [...params.keys()].find((key) => key !== "input" && key !== "output");
  if (strange !== undefined) throw uriProblem(`it has the parameter ${strange}; \`input\` and \`output\` are known`);
  return params.getAll("output").filter((name) => name !== "");
}

function uriProblem(problem: string): TrimaranError {
  return trimaranError("REMOTE_URI", { problem });
}
