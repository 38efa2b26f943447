"""Asks a running server with tritonclient as it comes from pip, and prints what it learned as JSON.

  client.py http|grpc ADDRESS < {"rows": …}
"""
import json, sys

import numpy as np
from tritonclient.utils import InferenceServerException

kind, address = sys.argv[1:3]
if kind == "http":
    import tritonclient.http as triton
else:
    import tritonclient.grpc as triton
known = json.load(sys.stdin)
client = triton.InferenceServerClient(address)
forms = [True, False] if kind == "http" else [None]
told = {}


def tensor(name, values, datatype, form):
    given = triton.InferInput(name, values.shape, datatype)
    given.set_data_from_numpy(values, **({} if form is None else {"binary_data": form}))
    return given


def wanted(names, form):
    return [triton.InferRequestedOutput(name, **({} if form is None else {"binary_data": form})) for name in names]


def plain(values):
    return [each.decode() if isinstance(each, bytes) else each for each in values.flatten().tolist()]


def refusal(call):
    try:
        call()
    except InferenceServerException as error:
        return [str(error.status()), error.message()]
    return None


def as_dict(answer):
    if kind == "http":
        return answer
    from google.protobuf.json_format import MessageToDict

    return MessageToDict(answer, preserving_proto_field_name=True)


told["live"] = [client.is_server_live(), client.is_server_ready(), client.is_model_ready("ride-duration", "1")]
told["server"] = as_dict(client.get_server_metadata())
told["metadata"] = {name: as_dict(client.get_model_metadata(name)) for name in ("ride-duration", "ride-duration.model", "forest", "labels")}

rows = np.array(known["rows"])
for form in forms:
    ride = [
        tensor("PULocationID", np.array([130, 10]), "INT64", form),
        tensor("DOLocationID", np.array([[205], [50]]), "INT64", form),
        tensor("trip_distance", np.array([3.66, 40.0]), "FP64", form),
    ]
    answers = told[f"answers-{form}"] = {}
    answer = client.infer("ride-duration", ride, request_id="abc", outputs=wanted(["duration"], form))
    answers["ride"] = plain(answer.as_numpy("duration"))
    answers["id"] = answer.get_response()["id"] if kind == "http" else answer.get_response().id
    bare = [tensor("PU_DO", np.array(["130_205"], dtype=object), "BYTES", form), tensor("trip_distance", np.array([3.66]), "FP64", form)]
    answers["bare"] = plain(client.infer("ride-duration.model", bare).as_numpy("predict"))
    answers["forest"] = plain(client.infer("forest", [tensor("input-0", rows, "FP64", form)]).as_numpy("predict"))
    both = client.infer("labels", [tensor("input-0", rows, "FP64", form)], outputs=wanted(["predict_proba", "predict"], form))
    answers["labels"] = plain(both.as_numpy("predict"))
    answers["proba"] = both.as_numpy("predict_proba").tolist()
    refused = told[f"refused-{form}"] = {}
    matrix = [tensor("input-0", rows, "FP64", form)]
    refused["model"] = refusal(lambda: client.infer("nope", matrix))
    refused["version"] = refusal(lambda: client.infer("forest", matrix, model_version="9"))
    refused["output"] = refusal(lambda: client.infer("forest", matrix, outputs=wanted(["predict_proba"], form)))
    refused["name"] = refusal(lambda: client.infer("forest", [tensor("wrong", rows, "FP64", form)]))
    refused["width"] = refusal(lambda: client.infer("forest", [tensor("input-0", rows[:, :3].copy(), "FP64", form)]))
    texts = np.array([["a", "b", "c", "d"]], dtype=object)
    refused["datatype"] = refusal(lambda: client.infer("forest", [tensor("input-0", texts, "BYTES", form)]))
    refused["missing"] = refusal(lambda: client.infer("ride-duration", ride[:2]))
    refused["timeout"] = refusal(lambda: client.infer("forest", matrix, timeout=1))

told["statistics"] = as_dict(client.get_inference_statistics("forest"))
client.unload_model("forest")
told["unloaded"] = [client.is_model_ready("forest"), as_dict(client.get_model_repository_index())]
told["while unloaded"] = refusal(lambda: client.infer("forest", [tensor("input-0", rows, "FP64", forms[0])]))
client.load_model("forest")
told["loaded"] = client.is_model_ready("forest")
told["load of nothing"] = refusal(lambda: client.load_model("nope"))

if kind == "grpc":
    stream = []
    client.start_stream(lambda result, error: stream.append(error.message() if result is None else plain(result.as_numpy("predict"))))
    client.async_stream_infer("forest", [tensor("input-0", rows, "FP64", None)])
    client.async_stream_infer("nope", [tensor("input-0", rows, "FP64", None)])
    client.stop_stream()
    told["stream"] = stream

    import grpc
    from google.protobuf import message_factory
    from google.protobuf.descriptor_pool import DescriptorPool
    from grpc_health.v1 import health_pb2, health_pb2_grpc
    from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

    channel = grpc.insecure_channel(address)
    health = health_pb2_grpc.HealthStub(channel)
    told["health"] = [
        health_pb2.HealthCheckResponse.ServingStatus.Name(health.Check(health_pb2.HealthCheckRequest(service=name)).status)
        for name in ("", "inference.GRPCInferenceService")
    ]
    database = ProtoReflectionDescriptorDatabase(channel)
    told["services"] = sorted(database.get_services())
    # What grpcurl does: nothing is known but what the server says of itself.
    method = DescriptorPool(database).FindServiceByName("inference.GRPCInferenceService").FindMethodByName("ModelReady")
    request, response = (message_factory.GetMessageClass(each) for each in (method.input_type, method.output_type))
    ready = channel.unary_unary(f"/inference.GRPCInferenceService/{method.name}", request.SerializeToString, response.FromString)
    told["reflected"] = ready(request(name="forest")).ready
client.close()
print(json.dumps(told))
