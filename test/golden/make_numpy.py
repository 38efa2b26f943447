"""Record small pickles and joblib files of arrays, made by the real numpy, scipy and joblib, for test/formats/numpy.

    python test/golden/make_numpy.py          # makes throw-away venvs under ~/.cache/trimaran-tests by pip, then runs itself in each
    VENV/bin/python test/golden/make_numpy.py record [joblib]      # with the libraries of one environment

Writes test/formats/numpy/recorded/numpy-<version>-joblib-<version>.json: {versions, arrays, npy, others, joblib}.
arrays: [{name, how, base64, shape, values}], values in row-major order: numbers, booleans, strings, null;
{"float": text} for what JSON lacks and for floats in object arrays, {"int": text} beyond 2^53, a dict of fields for records.
"""
import base64, io, json, pathlib, pickle, subprocess, sys

HERE = pathlib.Path(__file__).resolve()
TARGET = HERE.parents[1] / "formats/numpy/recorded"
CACHE = pathlib.Path.home() / ".cache/trimaran-tests"
PYENV = pathlib.Path.home() / ".pyenv/versions"
ENVIRONMENTS = [
    ("numpy1", "3.11.7", ["numpy==1.26.4", "scipy==1.11.4", "joblib==1.3.2", "lz4==4.4.5"], []),
    ("numpy2", "3.12.1", ["numpy==2.3.5", "scipy==1.18.1", "joblib==1.5.2", "lz4==4.4.5"], []),
    ("numpy-old", "3.7.16", ["numpy==1.16.6", "scipy==1.2.3", "joblib==1.1.1", "lz4==3.1.10"], []),
    ("joblib-old", "3.7.16", ["numpy==1.21.6", "scipy==1.7.3", "joblib==0.11", "lz4==3.1.10"], ["joblib"]),
]


def setup():
    for name, python, packages, only in ENVIRONMENTS:
        venv = CACHE / name
        if not venv.exists():
            subprocess.run([PYENV / python / "bin/python", "-m", "venv", venv], check=True)
        subprocess.run([venv / "bin/python", "-m", "pip", "-q", "install", *packages], check=True)
        subprocess.run([venv / "bin/python", HERE, "record", *only], check=True)


def plain(value, boxed=False):
    import numpy as np
    if isinstance(value, np.void):
        return {name: plain(value[name]) for name in value.dtype.names}
    if isinstance(value, np.ndarray):
        return [plain(item) for item in value.ravel()]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bytes):
        return value.decode("ascii")
    if isinstance(value, float):
        return {"float": repr(value)} if boxed or value != value or value in (float("inf"), float("-inf")) else value
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 2**53 - 1:
        return {"int": str(value)}
    return value


def arrays():
    import numpy as np
    tree = np.dtype({"names": ["left_child", "threshold", "missing_go_to_left"], "formats": ["<i8", "<f8", "u1"],
                     "offsets": [0, 8, 16], "itemsize": 24})
    packed = np.dtype([("value", "<f8"), ("count", "<u4"), ("num_threshold", "<f8"), ("flag", "u1"), ("left", "<i4"), ("wide", "<i8")])
    nested = np.dtype([("bits", ">u4", (3,)), ("inner", [("a", "<i2"), ("b", ">f4")]), ("name", "<U2")])
    floats = np.array([0.0, -0.0, 1.5, -2.25, 1e-3, np.inf, -np.inf, np.nan, 65504.0])
    integers = [0, 1, 2, 100, 127]
    cube = np.arange(24).reshape(2, 3, 4)
    objects = np.empty(9, dtype=object)
    objects[:] = ["a", 1, 2**70, 1.0, True, None, float("nan"), np.float64(2.0), np.int64(7)]
    out = {f"float{bits}": floats.astype(f"f{bits // 8}") for bits in (16, 32, 64)}
    for bits in (8, 16, 32, 64):
        out[f"int{bits}"] = np.array([*integers, -1, -(2 ** (bits - 1)), 2 ** (bits - 1) - 1], dtype=f"i{bits // 8}")
        out[f"uint{bits}"] = np.array([*integers, 2**bits - 1], dtype=f"u{bits // 8}")
    return {
        **out,
        "bool": np.array([True, False, True]),
        "int64 small": np.array([3, -4, 2**31 - 1, -(2**31)]),
        "big-endian float64": floats.astype(">f8"),
        "big-endian int32": np.array([1, -2, 2**31 - 1], dtype=">i4"),
        "big-endian str": np.array(["é", "ab", ""], dtype=">U3"),
        "str": np.array(["trip", "é", "", "\U0001f600x", "a b"]),
        "bytes": np.array([b"abc", b"", b"z"]),
        "objects": objects,
        "objects fortran": np.asfortranarray(np.array([["a", "b", "c"], ["d", "e", "f"]], dtype=object)),
        "no dimensions": np.array(2.5),
        "empty": np.zeros((0, 3)),
        "one": np.array([[5]]),
        "fortran float64": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "fortran int64": np.asfortranarray(-cube),
        "fortran int16": np.asfortranarray(cube.astype("i2")),
        "fortran str": np.asfortranarray(np.array([["a", "bc", "def"], ["g", "h", "i"]])),
        "fortran float32 big-endian": np.asfortranarray(cube.astype(">f4")),
        "permuted": np.arange(24.0).reshape(2, 3, 4).transpose(1, 2, 0),
        "strided": np.arange(20.0)[::3],
        "matrix": np.matrix([[1.0, 2.0], [3.0, 4.0]]),
        "read-only": np.frombuffer(bytes(range(16)), dtype="<u4"),
        "records aligned": np.array([(1, 0.5, 1), (-1, -2.0, 0), (2**31 - 1, np.inf, 255)], dtype=tree),
        "records packed": np.array([(1.5, 2**32 - 1, -0.5, 1, -7, 2**31), (0.0, 0, 1e300, 0, 8, -(2**40))], dtype=packed),
        "records nested": np.array([([1, 2, 3], (4, 0.5), "é"), ([5, 6, 7], (-8, -1.5), "ab")], dtype=nested),
    }


def others():
    import numpy as np
    import scipy.sparse as sp
    dense = np.array([[0, 1.5, 0], [2, 0, -3], [0, 0, 0], [4, 5, 6]])
    out = {
        "dtype class": np.float64, "ufunc": np.log1p, "masked": np.ma.array([1.0, 2.0], mask=[True, False]),
        "random state": np.random.RandomState(1), "datetime": np.array(["2021-01-31"], dtype="M8[D]"), "complex": np.array([1 + 2j]),
        "scalar float64": np.float64(0.1), "scalar float32": np.float32(0.1), "scalar int64": np.int64(2**62), "scalar uint8": np.uint8(200),
        "scalar bool": np.bool_(True), "scalar str": np.array(["é x"])[0],
    }
    if hasattr(np.random, "default_rng"):
        out["generator"] = np.random.default_rng(1)
    for name in ("csr", "csc", "coo", "dia"):
        out[f"{name} matrix"] = getattr(sp, f"{name}_matrix")(dense)
        if hasattr(sp, f"{name}_array"):
            out[f"{name} array"] = getattr(sp, f"{name}_array")(dense)
    return out


def joblib_files():
    import joblib
    import numpy as np
    found = arrays()
    names = ["float64", "fortran float64", "fortran int64", "objects", "records packed", "str", "big-endian int32", "empty", "bool", "matrix"]
    model = {name: found[name] for name in names}
    memmap = CACHE / "memmap.bin"
    model["memmap"] = np.memmap(str(memmap), dtype="<f4", mode="w+", shape=(2, 3), order="F")
    model["memmap"][:] = [[1, 2, 3], [4, 5, 6]]
    values = {name: {"shape": list(array.shape), "values": [plain(item, array.dtype == object) for item in np.asarray(array).ravel()]}
              for name, array in model.items()}
    files = []
    for compress in (0, "zlib", "gzip", "bz2", "xz", "lzma", "lz4"):
        for protocol in ((2, 4, pickle.HIGHEST_PROTOCOL) if compress == 0 else (pickle.HIGHEST_PROTOCOL,)):
            out = io.BytesIO()
            try:
                joblib.dump(model, out, compress=compress and (compress, 3), protocol=protocol)
            except ValueError:
                continue                                                   # joblib 0.11 knows no lz4
            files.append({"compress": compress or None, "protocol": protocol, "base64": base64.b64encode(out.getvalue()).decode()})
    return {"arrays": values, "files": files}


def record(only):
    import numpy as np
    import scipy
    import joblib
    protocols = [0, 2, 4, 5] if pickle.HIGHEST_PROTOCOL >= 5 else [0, 2, 4]
    dump = lambda value, protocol: base64.b64encode(pickle.dumps(value, protocol)).decode()
    everything = not only
    document = {
        "versions": {"numpy": np.__version__, "scipy": scipy.__version__, "joblib": joblib.__version__, "python": sys.version.split()[0]},
        "arrays": [
            {"name": name, "how": f"pickle {protocol}", "base64": dump(array, protocol), "shape": list(array.shape),
             "values": [plain(item, array.dtype == object) for item in np.asarray(array).ravel()]}
            for name, array in arrays().items() for protocol in protocols
        ] if everything else [],
        "npy": npy_files() if everything else [],
        "others": [
            {"name": name, "how": f"pickle {protocol}", "base64": dump(value, protocol)}
            for name, value in others().items() for protocol in protocols[1:]
        ] if everything else [],
        "joblib": joblib_files(),
    }
    target = TARGET / f"numpy-{np.__version__}-joblib-{joblib.__version__}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(document, indent=1) + "\n")
    print(target.name, target.stat().st_size, "bytes")


def npy_files():
    import numpy as np
    files = []
    for name, array in arrays().items():
        if array.dtype == object:
            continue
        out = io.BytesIO()
        np.lib.format.write_array(out, np.asarray(array), version=(3, 0) if name == "records nested" and np.__version__ > "1.17" else None)
        files.append({"name": name, "base64": base64.b64encode(out.getvalue()).decode()})
    out = io.BytesIO()
    np.save(out, np.array([None, "x"], dtype=object), allow_pickle=True)
    files.append({"name": "refused objects", "base64": base64.b64encode(out.getvalue()).decode()})
    return files


if __name__ == "__main__":
    record(sys.argv[2:]) if sys.argv[1:2] == ["record"] else setup()
