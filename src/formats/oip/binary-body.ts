// HTTP bodies of the protocol, with the extension `binary_tensor_data`:
//
//   body   = json raw*          the header Inference-Header-Content-Length says how many bytes the JSON has
//   raw    = the bytes of one tensor, for each tensor with the parameter `binary_data_size`, in the order of the tensors
//
// Without that header the body is JSON alone.
import { trimaranError } from "../../base/errors.ts";
import type { InferRequest, InferResponse } from "./infer.ts";
import {
  parseOipJson,
  type RawTensor,
  type ReadBodyOptions,
  readInferRequest,
  readInferResponse,
  requestText,
  responseText,
  tensorText,
} from "./json-body.ts";
import { type OipLimits, type OipTensor, oipProblem } from "./tensor.ts";
import type { DatatypeData } from "./tensor-data.ts";
import { dataFromRaw, dataToRaw } from "./tensor-raw.ts";

export const binaryHeader = "inference-header-content-length";

export interface OipBody {
  readonly bytes: Uint8Array;
  /** The value of the header `Inference-Header-Content-Length`; null: the header is not sent, and all is JSON. */
  readonly headerLength: number | null;
}

export interface ReceivedBody {
  readonly bytes: Uint8Array;
  /** The header `Inference-Header-Content-Length` as it came, or nothing. */
  readonly header: string | null | undefined;
  /** How the JSON part is read, where the caller has rules of its own (duplicate keys, depth). @default parseOipJson */
  readonly parse?: (text: string) => unknown;
}

/** @throws OIP_* */
export function decodeInferRequest(body: ReceivedBody, limits: OipLimits = {}): InferRequest {
  return decodeBody(body, limits, readInferRequest);
}

/** @throws OIP_* */
export function decodeInferResponse(body: ReceivedBody, limits: OipLimits = {}): InferResponse {
  return decodeBody(body, limits, readInferResponse);
}

function decodeBody<Message>(
  { bytes, header, parse = parseOipJson }: ReceivedBody,
  limits: OipLimits,
  read: (json: unknown, options: ReadBodyOptions) => Message,
): Message {
  if (header === null || header === undefined) return read(parse(jsonText(bytes)), limits);
  const length = headerLength(header, bytes.length);
  let offset = length;
  const raw = ({ size, ...tensor }: RawTensor): DatatypeData => {
    const { name } = tensor;
    if (typeof size !== "number" || !Number.isSafeInteger(size) || size < 0) {
      throw binaryProblem(`\`binary_data_size\` of ${name} is no size`);
    }
    const left = bytes.length - offset;
    if (size > left) throw binaryProblem(`${name} has ${size} bytes, and ${left} are left`);
    offset += size;
    return dataFromRaw(tensor, bytes.subarray(offset - size, offset));
  };
  const message = read(parse(jsonText(bytes.subarray(0, length))), { ...limits, raw });
  if (offset !== bytes.length) throw binaryProblem(`${bytes.length - offset} bytes belong to no tensor`);
  return message;
}

function headerLength(header: string, total: number): number {
  const length = /^\d{1,15}$/.test(header.trim()) ? Number(header) : Number.NaN;
  if (!Number.isSafeInteger(length)) throw binaryProblem("`Inference-Header-Content-Length` is no length");
  if (length > total) throw binaryProblem(`the JSON should have ${length} bytes, and the body has ${total}`);
  if (length === 0) throw binaryProblem("`Inference-Header-Content-Length` is 0: nothing describes the tensors");
  return length;
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

function jsonText(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw oipProblem("the JSON is no UTF-8");
  }
}

/** `binary`: which inputs travel as raw bytes. @default all that JSON cannot carry (BF16) */
export function encodeInferRequest(request: InferRequest, binary: (tensor: OipTensor) => boolean = onlyRaw): OipBody {
  return encodeBody(request.inputs, binary, (tensors) => requestText(request, tensors));
}

/** `binary`: which outputs travel as raw bytes, as `wantsBinary` says it of a request. */
export function encodeInferResponse(
  response: InferResponse,
  binary: (tensor: OipTensor) => boolean = onlyRaw,
): OipBody {
  return encodeBody(response.outputs, binary, (tensors) => responseText(response, tensors));
}

function onlyRaw({ datatype }: OipTensor): boolean {
  return datatype === "BF16";
}

const encoder = new TextEncoder();

function encodeBody(
  tensors: readonly OipTensor[],
  binary: (tensor: OipTensor) => boolean,
  write: (tensors: readonly string[]) => string,
): OipBody {
  const buffers: Uint8Array[] = [];
  const texts = tensors.map((tensor) => {
    if (!binary(tensor)) return tensorText(tensor, null);
    const buffer = dataToRaw(tensor);
    buffers.push(buffer);
    return tensorText(tensor, buffer.length);
  });
  const json = encoder.encode(write(texts));
  if (buffers.length === 0) return { bytes: json, headerLength: null };
  const bytes = new Uint8Array(buffers.reduce((sum, { length }) => sum + length, json.length));
  bytes.set(json);
  let offset = json.length;
  for (const buffer of buffers) {
    bytes.set(buffer, offset);
    offset += buffer.length;
  }
  return { bytes, headerLength: json.length };
}

function binaryProblem(problem: string): Error {
  return trimaranError("OIP_BINARY", { problem });
}
