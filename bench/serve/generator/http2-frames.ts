// As much of HTTP/2 as one unary gRPC call at a time needs: frames of a request made beforehand, and a reader of the server's.
//
// frame   := length:u24 type:u8 flags:u8 stream:u32 payload
// request := HEADERS (end of headers) DATA … (the last one: end of stream); the header block is literal, without Huffman code or table
// message := compressed:u8 length:u32 bytes

export const frameType = { data: 0, headers: 1, reset: 3, settings: 4, ping: 6, goAway: 7 } as const;
export const endOfStream = 1;
export const acknowledged = 1;
const endOfHeaders = 4;

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const windowUpdate = 8;
/** What a frame may hold until a server says more. */
const maxFrame = 16_384;

export interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

/** Opens a connection: no limit that a run could reach on what the server may send, over all calls. */
export function openingBytes(): Buffer {
  const wide = Buffer.alloc(4);
  wide.writeUInt32BE(2 ** 31 - 1 - 65_535);
  return Buffer.concat([Buffer.from(preface), frame(frameType.settings, 0, 0), frame(windowUpdate, 0, 0, wide)]);
}

export function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

/** The header block of a call, the same for every one. */
export function callHeaders(path: string, authority: string): Buffer {
  const text = (value: string): Buffer => Buffer.concat([Buffer.from([value.length]), Buffer.from(value, "latin1")]);
  if (path.length > 126 || authority.length > 126) throw new RangeError("the name of the call is too long");
  return Buffer.concat([
    Buffer.from([0x83, 0x86, 0x04]), // :method POST, :scheme http, :path as follows
    text(path),
    Buffer.from([0x01]), // :authority
    text(authority),
    Buffer.from([0x0f, 0x10]), // content-type, number 31 of the static table
    text("application/grpc"),
    Buffer.from([0x00]),
    text("te"),
    text("trailers"),
  ]);
}

/** The message as it stands in a DATA frame. */
export function framedMessage(message: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** `message`: with its head. It must fit into a stream's first window, of 65,535 bytes. */
export function callBytes(headers: Buffer, message: Buffer, stream: number): Buffer {
  const frames = [frame(frameType.headers, endOfHeaders, stream, headers)];
  for (let at = 0; at < message.length; at += maxFrame) {
    const end = at + maxFrame;
    const flags = end >= message.length ? endOfStream : 0;
    frames.push(frame(frameType.data, flags, stream, message.subarray(at, end)));
  }
  return Buffer.concat(frames);
}

/** The whole frames at the start of the bytes, and what is left. */
export function readFrames(bytes: Buffer): { readonly frames: readonly Frame[]; readonly rest: Buffer } {
  const frames: Frame[] = [];
  let at = 0;
  while (bytes.length - at >= 9) {
    const end = at + 9 + bytes.readUIntBE(at, 3);
    if (end > bytes.length) break;
    const payload = bytes.subarray(at + 9, end);
    frames.push({ type: bytes[at + 3]!, flags: bytes[at + 4]!, stream: bytes.readUInt32BE(at + 5), payload });
    at = end;
  }
  return { frames, rest: bytes.subarray(at) };
}
