// The gRPC side of the protocol as data: services and messages with their field numbers, in the JSON form of protobufjs, so that
// nothing reads a .proto file at run time. `fromJSON` of @grpc/proto-loader turns it into service definitions.
//
// Field numbers are the wire: those of the official service, and what Triton and MLServer add to it (statistics, repository,
// double_param, uint64_param). MLServer has parameters where the official ModelMetadataResponse has properties (field 6); both are
// maps with string keys, so that a reader of either survives the other.

interface Field {
  readonly type: string;
  readonly id: number;
  readonly rule?: "repeated";
  readonly keyType?: string;
}

interface Message {
  readonly fields: Readonly<Record<string, Field>>;
  readonly oneofs?: Readonly<Record<string, { readonly oneof: readonly string[] }>>;
}

interface Service {
  readonly methods: Readonly<
    Record<
      string,
      {
        readonly requestType: string;
        readonly responseType: string;
        readonly requestStream?: true;
        readonly responseStream?: true;
      }
    >
  >;
}

const one = (type: string, id: number): Field => ({ type, id });
const many = (type: string, id: number): Field => ({ type, id, rule: "repeated" });
const mapOf = (type: string, id: number): Field => ({ keyType: "string", type, id });
const message = (fields: Readonly<Record<string, Field>>): Message => ({ fields });
const call = (name: string) => ({ requestType: `${name}Request`, responseType: `${name}Response` });
const model = { name: one("string", 1), version: one("string", 2) };

const inference: Readonly<Record<string, Message | Service>> = {
  GRPCInferenceService: {
    methods: {
      ServerLive: call("ServerLive"),
      ServerReady: call("ServerReady"),
      ModelReady: call("ModelReady"),
      ServerMetadata: call("ServerMetadata"),
      ModelMetadata: call("ModelMetadata"),
      ModelInfer: call("ModelInfer"),
      // As Triton streams; MLServer's call of that name answers with bare ModelInferResponses.
      ModelStreamInfer: {
        requestType: "ModelInferRequest",
        responseType: "ModelStreamInferResponse",
        requestStream: true,
        responseStream: true,
      },
      ModelStatistics: call("ModelStatistics"),
      RepositoryIndex: call("RepositoryIndex"),
      RepositoryModelLoad: call("RepositoryModelLoad"),
      RepositoryModelUnload: call("RepositoryModelUnload"),
    },
  },
  ServerLiveRequest: message({}),
  ServerLiveResponse: message({ live: one("bool", 1) }),
  ServerReadyRequest: message({}),
  ServerReadyResponse: message({ ready: one("bool", 1) }),
  ModelReadyRequest: message(model),
  ModelReadyResponse: message({ ready: one("bool", 1) }),
  ServerMetadataRequest: message({}),
  ServerMetadataResponse: message({ ...model, extensions: many("string", 3) }),
  ModelMetadataRequest: message(model),
  ModelMetadataResponse: message({
    name: one("string", 1),
    versions: many("string", 2),
    platform: one("string", 3),
    inputs: many("TensorMetadata", 4),
    outputs: many("TensorMetadata", 5),
    properties: mapOf("string", 6),
  }),
  TensorMetadata: message({
    name: one("string", 1),
    datatype: one("string", 2),
    shape: many("int64", 3),
    parameters: mapOf("InferParameter", 4),
  }),
  InferParameter: {
    fields: {
      bool_param: one("bool", 1),
      int64_param: one("int64", 2),
      string_param: one("string", 3),
      double_param: one("double", 4),
      uint64_param: one("uint64", 5),
    },
    oneofs: {
      parameter_choice: { oneof: ["bool_param", "int64_param", "string_param", "double_param", "uint64_param"] },
    },
  },
  InferTensorContents: message({
    bool_contents: many("bool", 1),
    int_contents: many("int32", 2),
    int64_contents: many("int64", 3),
    uint_contents: many("uint32", 4),
    uint64_contents: many("uint64", 5),
    fp32_contents: many("float", 6),
    fp64_contents: many("double", 7),
    bytes_contents: many("bytes", 8),
  }),
  ModelInferRequest: message({
    model_name: one("string", 1),
    model_version: one("string", 2),
    id: one("string", 3),
    parameters: mapOf("InferParameter", 4),
    inputs: many("InferTensor", 5),
    outputs: many("InferRequestedOutputTensor", 6),
    raw_input_contents: many("bytes", 7),
  }),
  ModelInferResponse: message({
    model_name: one("string", 1),
    model_version: one("string", 2),
    id: one("string", 3),
    parameters: mapOf("InferParameter", 4),
    outputs: many("InferTensor", 5),
    raw_output_contents: many("bytes", 6),
  }),
  ModelStreamInferResponse: message({ error_message: one("string", 1), infer_response: one("ModelInferResponse", 2) }),
  InferTensor: message({
    name: one("string", 1),
    datatype: one("string", 2),
    shape: many("int64", 3),
    parameters: mapOf("InferParameter", 4),
    contents: one("InferTensorContents", 5),
  }),
  InferRequestedOutputTensor: message({ name: one("string", 1), parameters: mapOf("InferParameter", 2) }),
  ModelStatisticsRequest: message(model),
  ModelStatisticsResponse: message({ model_stats: many("ModelStatistics", 1) }),
  ModelStatistics: message({
    ...model,
    last_inference: one("uint64", 3),
    inference_count: one("uint64", 4),
    execution_count: one("uint64", 5),
    inference_stats: one("InferStatistics", 6),
    batch_stats: many("InferBatchStatistics", 7),
  }),
  InferStatistics: message({
    success: one("StatisticDuration", 1),
    fail: one("StatisticDuration", 2),
    queue: one("StatisticDuration", 3),
    compute_input: one("StatisticDuration", 4),
    compute_infer: one("StatisticDuration", 5),
    compute_output: one("StatisticDuration", 6),
    cache_hit: one("StatisticDuration", 7),
    cache_miss: one("StatisticDuration", 8),
  }),
  InferBatchStatistics: message({
    batch_size: one("uint64", 1),
    compute_input: one("StatisticDuration", 2),
    compute_infer: one("StatisticDuration", 3),
    compute_output: one("StatisticDuration", 4),
  }),
  StatisticDuration: message({ count: one("uint64", 1), ns: one("uint64", 2) }),
  ModelRepositoryParameter: {
    fields: {
      bool_param: one("bool", 1),
      int64_param: one("int64", 2),
      string_param: one("string", 3),
      bytes_param: one("bytes", 4),
    },
    oneofs: { parameter_choice: { oneof: ["bool_param", "int64_param", "string_param", "bytes_param"] } },
  },
  RepositoryIndexRequest: message({ repository_name: one("string", 1), ready: one("bool", 2) }),
  RepositoryIndexResponse: message({ models: many("RepositoryModel", 1) }),
  RepositoryModel: message({ ...model, state: one("string", 3), reason: one("string", 4) }),
  RepositoryModelLoadRequest: message({
    repository_name: one("string", 1),
    model_name: one("string", 2),
    parameters: mapOf("ModelRepositoryParameter", 3),
  }),
  RepositoryModelLoadResponse: message({}),
  RepositoryModelUnloadRequest: message({
    repository_name: one("string", 1),
    model_name: one("string", 2),
    parameters: mapOf("ModelRepositoryParameter", 3),
  }),
  RepositoryModelUnloadResponse: message({}),
};

/** For `fromJSON` of @grpc/proto-loader. The second service is where older MLServer clients look for the repository. */
export const oipDescriptor: { readonly nested: Readonly<Record<string, unknown>> } = {
  nested: {
    inference: {
      nested: {
        ...inference,
        model_repository: {
          nested: {
            ModelRepositoryService: {
              methods: {
                RepositoryIndex: call("RepositoryIndex"),
                RepositoryModelLoad: call("RepositoryModelLoad"),
                RepositoryModelUnload: call("RepositoryModelUnload"),
              },
            },
          },
        },
      },
    },
  },
};

/** The options that `grpc-messages.ts` relies on: field names as above, 64-bit numbers exact, every field there. */
export const oipLoaderOptions = {
  keepCase: true,
  defaults: true,
  arrays: true,
  objects: true,
  oneofs: true,
} as const;
