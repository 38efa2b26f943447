// Lines to a file descriptor that may be slow: written in large pieces, never waited for, and dropped beyond a bound.
import type { LogLevel } from "./log.ts";

export interface LogStream {
  /** One line with its line feed. */
  write(line: string, level: LogLevel): void;
  readonly dropped: number;
  readonly written: number;
  flush(): Promise<void>;
}

/** What waits for a slow reader, in bytes. */
const maxWaiting = 2 ** 22;
/** A pipe takes so much at once or nothing (POSIX: PIPE_BUF), so that lines of several processes do not mix. */
const pieceBytes = 4096;
const flushMs = 200;

/** @default standard error */
export async function openLogStream(fd = 2): Promise<LogStream> {
  const { destination } = (await import("pino")).default;
  const out = destination({
    dest: fd,
    sync: false,
    minLength: pieceBytes / 2,
    maxWrite: pieceBytes,
    maxLength: maxWaiting,
  });
  let dropped = 0;
  let written = 0;
  let isPlanned = false;
  // Nobody reads any more: there is nobody to tell.
  out.on("error", () => {});
  out.on("drop", () => {
    dropped++;
    written--;
  });
  const flushSoon = (): void => {
    isPlanned = false;
    out.flush(() => {});
  };
  return {
    write: (line, level) => {
      written++;
      out.write(line);
      if (level === "error" || level === "warn") {
        out.flush(() => {});
      } else if (!isPlanned) {
        isPlanned = true;
        setTimeout(flushSoon, flushMs).unref();
      }
    },
    get dropped() {
      return dropped;
    },
    get written() {
      return written;
    },
    flush: () =>
      new Promise((resolve) => {
        const end = setTimeout(resolve, 1000);
        out.flush(() => {
          clearTimeout(end);
          resolve();
        });
      }),
  };
}

/** Lines to whatever takes text at once. */
export function directStream(out: (text: string) => void): LogStream {
  let written = 0;
  return {
    write: (line) => {
      written++;
      out(line);
    },
    dropped: 0,
    get written() {
      return written;
    },
    flush: async () => {},
  };
}
