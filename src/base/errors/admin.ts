// Rows of the error table: the admin port.
export const adminErrors = {
  ADMIN_TOKEN: {
    kind: "denied",
    message: "The admin port answers only with its token, and the request carries none or another one.",
    fix: "Send `Authorization: Bearer TOKEN`: TRIMARAN_ADMIN_TOKEN of the service, else what is in `.trimaran/admin.token`.",
  },
  ADMIN_TOKEN_UNFIT: {
    kind: "invalid",
    message: "The admin token of {place} {problem}.",
    fix: "Give 16 or more printable ASCII characters without spaces; without TRIMARAN_ADMIN_TOKEN, and without the file, one is made.",
  },
  ADMIN_TOKEN_OPEN: {
    kind: "untrusted",
    message: "{path} can be read by other users of this machine.",
    fix: "Delete it, and the next start makes a new token; or `chmod 600` it if nobody else can have read it.",
  },
  ADMIN_ORIGIN: {
    kind: "denied",
    message: "The admin port does not answer web pages: the request carries an Origin header.",
    fix: "Ask it from a program or with curl, without that header.",
  },
  ADMIN_ROUTE: {
    kind: "missing",
    message: "The admin port has no route {path}.",
    fix: "`GET /admin` lists its routes.",
  },
  ADMIN_TOO_LARGE: {
    kind: "invalid",
    message: "The admin port takes bodies of at most {limit} bytes.",
    fix: "Send the few members that the route takes; `GET /admin` shows them.",
  },
  ADMIN_BODY: {
    kind: "invalid",
    message: "The body is not what {path} takes: {count} problem(s).",
    fix: "Mend what `issues` lists; `GET /admin` shows what each route takes.",
  },
  ADMIN_SERVES: {
    kind: "conflict",
    message: "This version of {name} is the one that answers already.",
    fix: "Name another version or model as its challenger.",
  },
  ADMIN_VERSION: {
    kind: "unsupported",
    message:
      "{name} comes neither from a registry nor from a folder of numbered versions, so it has no versions to choose from.",
    fix: "Name the model itself: `model` with a path or URI, and `version` with what it shall be called.",
  },
} as const;
