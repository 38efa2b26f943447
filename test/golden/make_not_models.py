"""Writes test/golden/not-models: sound files that are no model we read. Small; run by hand in the venv `sk151` of make.py.

    python3 test/golden/make_not_models.py

torch is not installed for three files: `torch.nn.Linear` is pickled by reference and state, so a class of that name pickles the same bytes.
"""
import collections
import pathlib
import pickle
import sys
import types

import numpy
import pandas
from sklearn.cluster import SpectralClustering

folder = pathlib.Path(__file__).resolve().parent / "not-models"
folder.mkdir(exist_ok=True)


def write(name, value):
    (folder / name).write_bytes(pickle.dumps(value, protocol=4))


def stand_in(path, name):
    """An importable class of that module and name."""
    parts = path.split(".")
    for end in range(1, len(parts) + 1):
        sys.modules.setdefault(".".join(parts[:end]), types.ModuleType(".".join(parts[:end])))
    made = type(name, (), {"__module__": path})
    setattr(sys.modules[path], name, made)
    return made


write("dict.pkl", {"threshold": 0.5, "features": ["a", "b"]})
write("list.pkl", [1, 2, 3])
write("array.pkl", numpy.arange(6.0).reshape(2, 3))
write("frame.pkl", pandas.DataFrame({"a": [1, 2], "b": ["x", "y"]}))

layer = stand_in("torch.nn.modules.linear", "Linear")()
layer.__dict__.update(training=False, in_features=2, out_features=1, _parameters=collections.OrderedDict())
write("torch_module.pkl", layer)

clusters = SpectralClustering(n_clusters=2, random_state=0).fit(numpy.array([[0.0], [0.1], [5.0], [5.1]]))
write("unknown_sklearn.pkl", clusters)

forest = stand_in("acme.models", "MagicForest")()
forest.__dict__.update(depth=3)
write("unknown_class.pkl", forest)
