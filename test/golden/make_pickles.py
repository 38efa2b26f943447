"""Records small pickles of plain Python values, at every protocol, with the values that they hold.

    ~/.pyenv/versions/3.12.1/bin/python test/golden/make_pickles.py && npx biome format --write test/formats/pickle

Writes test/formats/pickle/recorded-pickles.json. Only the standard library is used. Both picklers are recorded: C's `pickle.dumps`
and the Python one (`pickle._dumps`), which memoizes differently.
"""
import argparse
import base64
import collections
import copyreg
import datetime
import decimal
import functools
import json
import pathlib
import pickle
import platform
import struct

OUT = pathlib.Path(__file__).resolve().parent.parent / "formats" / "pickle" / "recorded-pickles.json"


def plain(value, open_values=()):
    """The value in the form that test/formats/pickle/plain-value.ts gives for the inert tree."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, type):
        return {"global": f"{value.__module__}.{value.__qualname__}"}
    if isinstance(value, int):
        return {"int": str(value)}
    if isinstance(value, float):
        return {"float": struct.pack(">d", value).hex()}
    if isinstance(value, (bytes, bytearray)):
        return {type(value).__name__: value.hex()}
    for up, other in enumerate(reversed(open_values)):
        if other is value:
            return {"cycle": up + 1}
    below = (*open_values, value)
    kind = type(value)
    if kind in (list, tuple, set, frozenset):
        return {kind.__name__: [plain(item, below) for item in value]}
    if kind is dict:
        return {"dict": [[plain(k, below), plain(v, below)] for k, v in value.items()]}
    reduced = value.__reduce_ex__(2)
    callee, args, state, appended, entries = (*reduced, None, None, None)[:5]
    if callee is copyreg.__newobj__:
        callee, args = args[0], args[1:]
    return {
        "object": f"{callee.__module__}.{callee.__qualname__}",
        "args": [plain(arg, below) for arg in args],
        "states": [] if state is None else [plain(state, below)],
        "appended": [plain(item, below) for item in appended or ()],
        "entries": [[plain(k, below), plain(v, below)] for k, v in entries or ()],
    }


def recursive_list():
    value = [1]
    value.append(value)
    return value


def recursive_dict():
    value = {}
    value["__proto__"] = value
    value["constructor"] = [value]
    return value


def recursive_tuple():
    inner = []
    value = (inner, "x")
    inner.append(value)
    return value


def namespace(**entries):
    return argparse.Namespace(**entries)


sizes = [0, 1, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 2**31 - 1, 2**31, 2**32, 2**47, 2**53 - 1, 2**53, 2**53 + 1,
         2**63 - 1, 2**63, 2**64, 10**30, 2**2039, 2**2040 - 1, 2**2048]
shared = ["shared"]

CASES = {
    "constants": [None, True, False, (), [], {}, set(), frozenset(), "", b"", bytearray()],
    "ints": [n for size in sizes for n in (size, -size)],
    "floats": [0.0, -0.0, 1.0, 1.5, -2.25, 1e300, -1e-300, 5e-324, 1.7976931348623157e308, 0.1, 1 / 3, float("inf"),
               float("-inf"), float("nan")],
    "strings": ["", "a", "PU_DO=130_205", "caf\u00e9", "\u20ac", "\U0001f600", "x" * 255, "x" * 256, "\u00e9" * 300, "line\nfeed",
                "back\\slash \\u0041", "\x00\x1a\r", "__proto__", "\ufeffmark"],
    "surrogates": ["\ud800", "a\udfffb", "\udc00\ud800", "\u00e9" * 200 + "\ud800", "\ud83d"],
    "bytes": [b"", b"abc", bytes(range(256)), b"x" * 300, bytearray(b"abc"), bytearray(range(256))],
    "nested": {"a": [1, (2.5, {"b": {"c": [None, (True,)]}})], 1: (1, 2, 3, 4), (1, "k"): frozenset([1, 2]), None: {"x", "y"}},
    "shared": [shared, shared, (shared, shared)],
    "long list": list(range(1001)),
    "long dict": {f"k{i}": i for i in range(1001)},
    "sets": [{1, 2, 3}, frozenset(["a", "b"]), {(1, 2), (3, 4)}, frozenset([frozenset([1]), frozenset()])],
    "key types": {1: "int", "1": "str", 1.5: "float", b"1": "bytes", (): "tuple", True + 1: "two"},
    "recursive list": recursive_list(),
    "recursive dict": recursive_dict(),
    "recursive tuple": recursive_tuple(),
    "ordered dict": collections.OrderedDict([("b", 1), ("a", 2)]),
    "counter and default dict": [collections.Counter("abca"), collections.defaultdict(list, {"k": [1]})],
    "deque": collections.deque([1, 2, 3], maxlen=5),
    "namespace": namespace(coef_=[1.0, 2.0], n_features_in_=2, inner=namespace(name="inner")),
    "complex, range, slice": [1 + 2j, range(0, 10, 3), slice(1, None, 2)],
    "decimal and dates": [decimal.Decimal("1.50"), datetime.date(2022, 2, 1), datetime.timedelta(days=1, seconds=2)],
    "types": [int, float, str, dict, object, collections.OrderedDict],
    "partial": functools.partial(int, base=2),
}
# __reduce_ex__ of these depends on the protocol, so the tree does too: what plain() says holds for protocol 2 and up.
PROTOCOLS = {"decimal and dates": (3, 4, 5), "long list": (0, 1, 4), "long dict": (1, 4)}


def main():
    cases = []
    for name, value in CASES.items():
        pickles = {}
        for protocol in PROTOCOLS.get(name, range(pickle.HIGHEST_PROTOCOL + 1)):
            for label, dumps in (("c", pickle.dumps), ("py", pickle._dumps)):
                if label == "py" and len(repr(value)) > 2500:
                    continue
                pickles[f"{label}{protocol}"] = base64.b64encode(dumps(value, protocol=protocol)).decode()
        cases.append({"name": name, "value": json.dumps(plain(value), separators=(",", ":")), "pickles": pickles})
    OUT.write_text(json.dumps({"python": platform.python_version(), "cases": cases}, indent=2) + "\n")


main()
