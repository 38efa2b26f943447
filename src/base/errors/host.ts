// Rows of the error table: host.
export const hostErrors = {
  FILE_NOT_FOUND: {
    kind: "missing",
    message: "There is no file or folder {path}.",
    fix: "Check the path; a relative one is taken from the current folder.",
  },
  FILE_NOT_READABLE: {
    kind: "denied",
    message: "{path} cannot be read: {problem}.",
    fix: "Check the permissions of the file and of the folders above it.",
  },
  FILE_NOT_WRITABLE: {
    kind: "denied",
    message: "{path} cannot be written: {problem}.",
    fix: "Check that the folder exists, that it is yours and that the disk has space.",
  },
  FILE_EXISTS: {
    kind: "conflict",
    message: "{path} is already there.",
    fix: "Give `--force` to overwrite it, or another place with `--output`.",
  },
  FILE_NOT_REGULAR: {
    kind: "invalid",
    message: "{path} is not a regular file.",
    fix: "Name a regular file; devices, sockets and pipes are not read as models.",
  },
  FILE_TOO_LARGE: {
    kind: "invalid",
    message: "{path} holds {bytes} bytes; the limit is {limit}.",
    fix: "Raise the limit with `--max-model-bytes` if you trust the file.",
  },
  PORT_IN_USE: {
    kind: "conflict",
    message: "Port {port} on {host} is already in use.",
    fix: "Stop the other program or choose another port with `--port`.",
  },
  PORT_NOT_ALLOWED: {
    kind: "denied",
    message: "Port {port} on {host} cannot be opened: {problem}.",
    fix: "Choose a port above 1023 with `--port`, or an address of this machine with `--host`.",
  },
  THREAD_ENDED: {
    kind: "unavailable",
    message: "A worker thread ended before it answered: {problem}.",
    fix: "Try again. If memory ran out, give the process more of it, or use fewer `--threads`.",
  },
} as const;
