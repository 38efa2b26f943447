// HTTP as the load generators write and read it: requests as bytes made beforehand, answers by their Content-Length.

export interface Answer {
  readonly status: string;
  readonly body: string;
  readonly headers: string;
  readonly closes: boolean;
}

export interface RequestParts {
  readonly port: number;
  readonly path: string;
  readonly body: string;
}

export function requestBytes({ port, path, body }: RequestParts): Buffer {
  return Buffer.from(
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

/** Null as long as the answer is not whole. `text` is latin1, a character a byte. */
export function readAnswer(text: string): Answer | null {
  const head = text.indexOf("\r\n\r\n");
  if (head < 0) return null;
  const headers = text.slice(0, head);
  const length = /\r\ncontent-length: *(\d+)/i.exec(headers);
  if (length === null) throw new TypeError("an answer without Content-Length");
  const body = text.slice(head + 4);
  if (body.length < Number(length[1])) return null;
  return { status: text.slice(9, 12), body, headers, closes: /\r\nconnection: *close/i.test(headers) };
}
