// COPY of PostgreSQL over pg: rows out and in as CSV, with back-pressure on both sides. pg itself knows the messages but offers no query
// for them; this one speaks the sub-protocol (https://www.postgresql.org/docs/current/protocol-flow.html#PROTOCOL-COPY).
import type { Socket } from "node:net";
import type { PoolClient } from "pg";

/** The part of pg's connection that is used here. */
interface Wire {
  readonly stream: Socket;
  query(text: string): void;
  sendCopyFromChunk(chunk: Uint8Array): void;
  endCopyFrom(): void;
  sendCopyFail(message: string): void;
}

/** `COPY … TO STDOUT`. What `write` throws is thrown, and the connection is of no use afterwards. */
export function copyOut(client: PoolClient, sql: string, write: (chunk: Uint8Array) => Promise<void>): Promise<void> {
  return new Promise((done, fail) => {
    let failure: unknown = null;
    let isPaused = false;
    let writing = Promise.resolve();
    let waiting = 0;
    send(client, {
      ...query(sql),
      handleCopyData({ chunk }, wire) {
        // The buffer is used again.
        const own = Uint8Array.from(chunk);
        waiting += own.length;
        if (waiting > maxWaiting && !isPaused) {
          isPaused = true;
          wire.stream.pause();
        }
        writing = writing
          .then(() => (failure === null ? write(own) : undefined))
          .catch((cause: unknown) => {
            failure ??= cause;
            wire.stream.destroy();
          })
          .then(() => {
            waiting -= own.length;
            if (isPaused && waiting <= maxWaiting / 2) {
              isPaused = false;
              wire.stream.resume();
            }
          });
      },
      handleError: (cause) => void writing.then(() => fail(failure ?? cause)),
      handleReadyForQuery: () => void writing.then(() => (failure === null ? done() : fail(failure))),
    });
  });
}

const maxWaiting = 4 * 2 ** 20;

/** `COPY … FROM STDIN`. What `body` throws is thrown; the transaction must be rolled back then. */
export function copyIn(client: PoolClient, sql: string, body: AsyncIterable<Uint8Array>): Promise<void> {
  return new Promise((done, fail) => {
    let failure: unknown = null;
    let isOver = false;
    const pump = async (wire: Wire): Promise<void> => {
      try {
        for await (const chunk of body) {
          if (isOver) return;
          wire.sendCopyFromChunk(chunk);
          if (wire.stream.writableNeedDrain) await drained(wire.stream);
        }
        if (!isOver) wire.endCopyFrom();
      } catch (cause) {
        failure = cause;
        if (!isOver) wire.sendCopyFail("the rows could not be read");
      }
    };
    send(client, {
      ...query(sql),
      handleCopyInResponse: (wire) => void pump(wire),
      handleError(cause) {
        isOver = true;
        fail(failure ?? cause);
      },
      handleReadyForQuery() {
        isOver = true;
        done();
      },
    });
  });
}

function drained(stream: Socket): Promise<void> {
  return new Promise((done) => {
    const end = (): void => {
      stream.off("drain", end).off("close", end);
      done();
    };
    stream.on("drain", end).on("close", end);
    if (stream.destroyed) end();
  });
}

interface CopyQuery {
  submit(wire: Wire): null;
  handleRowDescription(): void;
  handleDataRow(): void;
  handleCommandComplete(): void;
  handleEmptyQuery(): void;
  handlePortalSuspended(): void;
  handleCopyInResponse(wire: Wire): void;
  handleCopyData(message: { readonly chunk: Uint8Array }, wire: Wire): void;
  handleError(cause: unknown): void;
  handleReadyForQuery(): void;
}

function query(sql: string): Omit<CopyQuery, "handleError" | "handleReadyForQuery"> {
  const ignore = (): void => {};
  return {
    submit(wire) {
      wire.query(sql);
      return null;
    },
    handleRowDescription: ignore,
    handleDataRow: ignore,
    handleCommandComplete: ignore,
    handleEmptyQuery: ignore,
    handlePortalSuspended: ignore,
    handleCopyInResponse: ignore,
    handleCopyData: ignore,
  };
}

/** pg takes whatever has `submit`; its types know of its own such only. */
function send(client: PoolClient, copy: CopyQuery): void {
  (client as unknown as { query(copy: CopyQuery): void }).query(copy);
}
