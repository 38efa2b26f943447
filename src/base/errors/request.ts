// Rows of the error table: request.
export const requestErrors = {
  REQUEST_NOT_JSON: {
    kind: "invalid",
    message: "The body is not JSON: {problem}.",
    fix: "Send one JSON object, or an array of them.",
  },
  REQUEST_SHAPE: {
    kind: "invalid",
    message: "The body must be a JSON object or an array of objects, not {what}.",
    fix: "Send one JSON object, or an array of them.",
  },
  REQUEST_DUPLICATE_KEY: {
    kind: "invalid",
    message: "The body names a key twice in one object.",
    fix: "Send each key once.",
  },
  REQUEST_TOO_DEEP: {
    kind: "invalid",
    message: "The body is nested {depth} deep; the limit is {limit}.",
    fix: "Send flatter JSON.",
  },
  REQUEST_TOO_LARGE: {
    kind: "invalid",
    message: "The body is larger than {limit} bytes.",
    fix: "Send fewer rows a request, or start the service with a larger `--body-limit`.",
  },
  REQUEST_TOO_MANY_ROWS: {
    kind: "invalid",
    message: "The body holds {rows} rows; the limit is {limit}.",
    fix: "Send fewer rows a request; for millions of rows use the batch job.",
  },
  REQUEST_MEDIA_TYPE: {
    kind: "unsupported",
    message: "The content type {type} is not known here.",
    fix: "Send `Content-Type: application/json`.",
  },
  REQUEST_INVALID: {
    kind: "invalid",
    message: "{count} problem(s) in the data, first: {first}",
    fix: "Mend the fields listed in `issues`.",
  },
  REQUEST_HEADER: {
    kind: "invalid",
    message: "The header {header} is malformed.",
    fix: "Send 1 to 128 characters of A-Z a-z 0-9 . _ : / -",
  },
  REQUEST_DEADLINE: {
    kind: "invalid",
    message: "The header x-request-timeout-ms must be a whole number of milliseconds from 1 to {limitMs}.",
    fix: "Send how long you wait for the answer, or leave the header out.",
  },
  REQUEST_HOST: {
    kind: "denied",
    message: "This service does not answer under the name that the Host header gives.",
    fix: "Ask it as localhost or 127.0.0.1, or start it with `--allowed-hosts` and that name.",
  },
  REQUEST_UNAUTHENTICATED: {
    kind: "denied",
    message: "This service answers only with an API key, and the request carries none that it knows.",
    fix: "Send `Authorization: Bearer KEY` or `X-API-Key: KEY`.",
  },
  REQUEST_TOO_MANY_HEADERS: {
    kind: "invalid",
    message: "The request has {count} headers, of which {limit} are taken.",
    fix: "Send fewer headers.",
  },
  SERVICE_FULL: {
    kind: "busy",
    message: "The service holds as many connections as it may: {limit}.",
    fix: "Keep connections open and use them again, or raise `--max-connections`.",
  },
  API_KEYS_INVALID: {
    kind: "invalid",
    message: "Line {line} of the API keys file is not `NAME sha256:HEX`.",
    fix: "Write one line a key: a name, a space, `sha256:` and the 64 hex digits that `printf %s KEY | sha256sum` prints.",
  },
  TLS_INVALID: {
    kind: "invalid",
    message: "{cert} and {key} are no certificate chain and private key that belong together.",
    fix: "Give both in PEM: the certificate first and those that signed it behind it, and the key without a passphrase.",
  },
  REQUEST_TIMEOUT: {
    kind: "timeout",
    message: "The request took longer than {limitMs} ms.",
    fix: "Send fewer rows a request, or raise `--request-timeout`.",
  },
  REQUEST_NO_ROUTE: {
    kind: "missing",
    message: "There is no {method} {path} here.",
    fix: "`GET /` lists the routes.",
  },
  REQUEST_METHOD: {
    kind: "invalid",
    message: "{path} does not take {method}.",
    fix: "Use {allowed}.",
  },
  SERVICE_NOT_READY: {
    kind: "unavailable",
    message: "The service is {state}.",
    fix: "Try again in a moment.",
  },
  SERVICE_BUSY: {
    kind: "busy",
    message: "The service has more requests than it can answer: {waiting} are waiting.",
    fix: "Try again in {seconds} s, as Retry-After says; if this goes on, give the service more workers.",
  },
  REQUEST_NO_SERVICE: {
    kind: "missing",
    message: "Nothing named {name} is served here.",
    fix: "`GET /` lists what is.",
  },
  REQUEST_NO_VERSION: {
    kind: "missing",
    message: "{name} has no version {version} here.",
    fix: "`POST /v2/repository/index` lists the versions that are served; without a version the current one answers.",
  },
  REQUEST_QUERY: {
    kind: "invalid",
    message: "The query parameter {name} must be {expected}.",
    fix: "Mend it or leave it out.",
  },
  REQUEST_MALFORMED: {
    kind: "invalid",
    message: "The request is not sound HTTP: {problem}.",
    fix: "Send it with an HTTP library, and check the proxies on its way.",
  },
  REQUEST_SLOW: {
    kind: "timeout",
    message: "The request did not arrive in time: {limitMs} ms for its headers or {bodyLimitMs} ms for all of it.",
    fix: "Send it again, faster or in smaller parts.",
  },
  REQUEST_HEADERS_TOO_LARGE: {
    kind: "invalid",
    message: "The headers are larger than {limit} bytes.",
    fix: "Send fewer or shorter headers; cookies are often the cause.",
  },
  REQUEST_ENCODING: {
    kind: "unsupported",
    message: "The content encoding {encoding} is not known here.",
    fix: "Send the body uncompressed, or in one of {known}.",
  },
  REQUEST_COMPRESSION: {
    kind: "invalid",
    message: "The body is not sound {encoding}.",
    fix: "Send the body uncompressed, or compress it again.",
  },
  FEEDBACK_UNAVAILABLE: {
    kind: "unavailable",
    message: "What turned out to be true was not kept: {problem}.",
    fix: "Send it again later, nothing is kept twice; whoever runs the service finds in its log what is wrong with the folder.",
  },
  TRACES_NOT_INSTALLED: {
    kind: "missing",
    message: "{name} asks for traces, but what sends them is not installed.",
    fix: "Run `npm install {packages}`, or unset the variable.",
  },
  SERVICE_NAME_TAKEN: {
    kind: "conflict",
    message: "Two targets are named {name}.",
    fix: "Give one of the definitions another `name`.",
  },
} as const;
