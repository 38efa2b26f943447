// Rows of the error table: the Open Inference Protocol, as it is read and as it is asked.
export const oipErrors = {
  OIP_REQUEST: {
    kind: "invalid",
    message: "This is no Open Inference Protocol message: {problem}.",
    fix: "Send `inputs` as the protocol says, each with `name`, `shape`, `datatype` and `data`.",
  },
  OIP_DATATYPE: {
    kind: "invalid",
    message: "The tensor {tensor} has the datatype {given}.",
    fix: "Use one of these: {known}.",
  },
  OIP_SHAPE: {
    kind: "invalid",
    message: "The shape of the tensor {tensor} cannot be: {problem}.",
    fix: "Give the shape of the data that is sent; its dimensions multiplied are the number of elements.",
  },
  OIP_DATA: {
    kind: "invalid",
    message: "The data of the tensor {tensor} cannot be read: {problem}.",
    fix: "Send elements of the tensor's datatype.",
  },
  OIP_DUPLICATE: {
    kind: "invalid",
    message: "There are two {what}s with the name {tensor}.",
    fix: "Give each a name of its own.",
  },
  OIP_LIMIT: {
    kind: "invalid",
    message: "The message is too large: {problem}.",
    fix: "Send the rows in several requests.",
  },
  OIP_BINARY: {
    kind: "invalid",
    message: "The binary body is not sound: {problem}.",
    fix: "Send the length of the JSON part in `Inference-Header-Content-Length`, then the bytes of each tensor that has `binary_data_size`, in order.",
  },
  OIP_INPUTS: {
    kind: "invalid",
    message: "The inputs do not fit the model: {problem}.",
    fix: "Send {expected}.",
  },
  OIP_OUTPUT: {
    kind: "invalid",
    message: "The model has no output {output}; it has {outputs}.",
    fix: "Ask for one of those, or leave out `outputs`.",
  },
  OIP_PARAMETER: {
    kind: "invalid",
    message: "The parameter {parameter} cannot be used: {problem}.",
    fix: "Leave it out, or give {expected}.",
  },
  REPOSITORY_DENIED: {
    kind: "denied",
    message: "Loading and unloading models needs the admin token here.",
    fix: "Send it as `Authorization: Bearer TOKEN` (an API key beside it as `X-API-Key`). The service takes it from TRIMARAN_ADMIN_TOKEN; without a token it only loads and unloads while it listens on loopback and has no API keys.",
  },
  REPOSITORY_FIXED: {
    kind: "unsupported",
    message: "What is served here is fixed: {name} can be neither loaded nor unloaded.",
    fix: "Serve it with `trimaran serve`.",
  },
  REMOTE_UNAVAILABLE: {
    kind: "unavailable",
    message: "The model server at {server} does not answer: {problem}.",
    fix: "Check that it runs, that the address is right and that this machine may reach it; then try again.",
  },
  REMOTE_TIMEOUT: {
    kind: "timeout",
    message: "The model server at {server} did not answer within {timeoutMs} ms.",
    fix: "Try again, send fewer rows at once, or give that server more room.",
  },
  REMOTE_ANSWER: {
    kind: "unavailable",
    message: "The model server at {server} gave an answer that cannot be used: {problem}.",
    fix: "Check that it speaks the Open Inference Protocol v2 and that its metadata says what it answers.",
  },
  REMOTE_REFUSED: {
    kind: "invalid",
    message: "The model server at {server} refused the request: {problem}.",
    fix: "Check the rows against what that model takes.",
  },
  REMOTE_MISSING: {
    kind: "missing",
    message: "The model server at {server} has no model {model}.",
    fix: "Check the name and the version in the URI, and that the model is loaded there.",
  },
  REMOTE_INPUTS: {
    kind: "unsupported",
    message: "The remote model {model} cannot be asked row by row: {problem}.",
    fix: "Declare its inputs at the server (for MLServer in `model-settings.json`), or in the URI: `?input=NAME:FP64:-1,4`.",
  },
  REMOTE_URI: {
    kind: "invalid",
    message: "The URI of the remote model cannot be used: {problem}.",
    fix: "Write `oip+http://host:port/v2/models/NAME` or `oip+grpc://host:port/NAME`, either with `/versions/V`; a token goes into TRIMARAN_OIP_TOKEN.",
  },
} as const;
