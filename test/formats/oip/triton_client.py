"""What the real tritonclient sends and understands.

  triton_client.py record   prints requests that it makes, as JSON (kept in recorded/)
  triton_client.py read     reads answers of ours from stdin, prints what it makes of them
"""
import base64, json, sys

import numpy as np
import tritonclient
import tritonclient.grpc as grpcclient
import tritonclient.http as httpclient
from tritonclient.grpc import service_pb2
from google.protobuf.json_format import MessageToDict

TENSORS = {
    "BOOL": np.array([[True], [False], [True]]),
    "UINT8": np.array([[0], [7], [255]], dtype=np.uint8),
    "UINT16": np.array([0, 7, 65535], dtype=np.uint16),
    "UINT32": np.array([0, 7, 4294967295], dtype=np.uint32),
    "UINT64": np.array([0, 7, 18446744073709551615], dtype=np.uint64),
    "INT8": np.array([-128, 7, 127], dtype=np.int8),
    "INT16": np.array([-32768, 7, 32767], dtype=np.int16),
    "INT32": np.array([-2147483648, 7, 2147483647], dtype=np.int32),
    "INT64": np.array([-9223372036854775808, 9007199254740993, 9223372036854775807], dtype=np.int64),
    "FP16": np.array([[0.1, -65504.0], [6e-8, 1.0]], dtype=np.float16),
    "FP32": np.array([[0.1, -3.4e38], [1e-45, 1.0]], dtype=np.float32),
    "FP64": np.array([[0.1, -1.7e308], [5e-324, 1.0]], dtype=np.float64),
    "BYTES": np.array([["a"], ["\u00fc\u20ac\U0001f600"], [""]], dtype=object),
}


def http_input(name, array, binary):
    tensor = httpclient.InferInput("x", list(array.shape), name)
    tensor.set_data_from_numpy(array, binary_data=binary)
    return tensor


def record():
    cases = []
    for name, array in TENSORS.items():
        said = [str(v) for v in array.reshape(-1).tolist()]
        for binary in (True, False):
            if name == "FP16" and not binary:
                continue
            outputs = [httpclient.InferRequestedOutput("y", binary_data=not binary)]
            body, size = httpclient.InferenceServerClient.generate_request_body(
                [http_input(name, array, binary)], outputs=outputs, request_id="r-1"
            )
            cases.append({"form": "http", "datatype": name, "header": size, "shape": list(array.shape),
                          "body": base64.b64encode(bytes(body)).decode(), "values": said})
        tensor = grpcclient.InferInput("x", list(array.shape), name)
        tensor.set_data_from_numpy(array)
        from tritonclient.grpc._utils import _get_inference_request
        message = _get_inference_request("m", [tensor], "2", "r-1", [grpcclient.InferRequestedOutput("y")], 0, False, False, 0, None, {"weight": 2.5, "flag": True, "n": 3, "s": "t"})
        cases.append({"form": "grpc", "datatype": name, "header": None, "shape": list(array.shape),
                      "body": base64.b64encode(message.SerializeToString()).decode(), "values": said})
    json.dump({"tritonclient": __import__("importlib.metadata").metadata.version("tritonclient"), "cases": cases}, sys.stdout, indent=0)
    print()


def read():
    told = []
    for case in json.load(sys.stdin):
        body = base64.b64decode(case["body"])
        if case["form"] == "http":
            result = httpclient.InferenceServerClient.parse_response_body(body, header_length=case["header"])
            version = result.get_response().get("model_version")
        else:
            message = service_pb2.ModelInferResponse.FromString(body)
            result = grpcclient.InferResult(message)
            version = message.model_version
        arrays = {name: result.as_numpy(name) for name in case["names"]}
        told.append({"version": version, "outputs": {name: {"dtype": str(a.dtype), "shape": list(a.shape),
                     "values": [v.decode() if isinstance(v, bytes) else str(v) for v in a.reshape(-1).tolist()]} for name, a in arrays.items()}})
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    {"record": record, "read": read}[sys.argv[1]]()
