"""Dictionaries, texts and hashing."""
import numpy as np
from sklearn.feature_extraction import DictVectorizer, FeatureHasher
from sklearn.feature_extraction import text as tx
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import data as d
from case import table

CASES, add = table("text", exact="exact")

for name, options in {"": {}, "-dense": {"sparse": False}, "-float32": {"dtype": np.float32}, "-float32-dense": {"dtype": np.float32, "sparse": False}, "-separator": {"separator": "::"}, "-unsorted": {"sort": False}, "-int": {"dtype": np.int64}}.items():
    records = [{k: v for k, v in r.items() if k != "distance"} for r in d.RECORDS] if name == "-int" else d.RECORDS
    add(f"DictVectorizer{name}", lambda v, o=options, r=records: DictVectorizer(**o).fit(r), kind="records", rows=d.RECORD_ROWS)
LISTS = [{"tags": ["a", "b", "a"][: i % 4], "n": i, "a=x": .5} for i in range(6)]
add("DictVectorizer-lists", lambda v: DictVectorizer().fit(LISTS), kind="records", since=(1, 0), rows=[*LISTS, {"tags": ["a", "a", "z"]}, {"tags": "a"}, {"tags": []}, {"tags": None}, {"tags": [1]}, {"a": "x", "a=x": 5}, {"tags": {"a": 2}}])
DOUBLE = [{"a": "x", "a=x": 5.0}, {"a": "y", "b": 1.5}]
for name, options in {"": {}, "-dense": {"sparse": False}}.items():
    add(f"DictVectorizer-doubled{name}", lambda v, o=options: DictVectorizer(**o).fit(DOUBLE), kind="records", rows=[*DOUBLE, {"a=x": 5, "a": "x"}, {"a=y": -1, "a": "y", "b": True}, {"a": 3}])
add("DictVectorizer-hostile-names", lambda v: DictVectorizer().fit([{"__proto__": "x", "constructor": 1, "toString": "y"}, {"__proto__": "z", "hasOwnProperty": 2}]), kind="records",
    rows=[{"__proto__": "x"}, {"constructor": 3}, {"toString": "y", "hasOwnProperty": 1}, {"valueOf": 1}, {}])

STOP = ["the", "is", "a"]
settings = {
    "": {}, "-binary": {"binary": True}, "-cased": {"lowercase": False}, "-bigrams": {"ngram_range": (1, 2)}, "-only-bigrams": {"ngram_range": (2, 2)}, "-trigrams": {"ngram_range": (1, 3), "max_features": 30},
    "-stop": {"stop_words": STOP}, "-english": {"stop_words": "english"}, "-stop-bigrams": {"stop_words": STOP, "ngram_range": (1, 2)}, "-char": {"analyzer": "char"}, "-char-ngrams": {"analyzer": "char", "ngram_range": (2, 3), "max_features": 40},
    "-char_wb": {"analyzer": "char_wb", "ngram_range": (2, 4), "max_features": 60}, "-df": {"min_df": 3, "max_df": .6}, "-vocabulary": {"vocabulary": ["taxi", "ride", "\u00eele"]}, "-vocabulary-map": {"vocabulary": {"late": 0, "taxi": 1}},
    "-pattern": {"token_pattern": r"(?u)\b\w+\b"}, "-pattern-group": {"token_pattern": r"(\w)\w+"}, "-pattern-letters": {"token_pattern": r"[a-zA-Z']+"}, "-accents-unicode": {"strip_accents": "unicode"}, "-accents-ascii": {"strip_accents": "ascii"},
}
for name, options in settings.items():
    add(f"CountVectorizer{name}", lambda v, o=options: tx.CountVectorizer(**o).fit(d.TEXTS), kind="texts", rows=d.TEXT_ROWS, extra=("sk142",))
for name, options in {"": {}, "-float32": {"dtype": np.float32}, "-sublinear": {"sublinear_tf": True}, "-no-idf": {"use_idf": False}, "-no-smooth": {"smooth_idf": False}, "-l1": {"norm": "l1"}, "-no-norm": {"norm": None}, "-bigrams": {"ngram_range": (1, 2)},
                      "-char_wb": {"analyzer": "char_wb", "ngram_range": (2, 3), "max_features": 50}, "-binary": {"binary": True}}.items():
    add(f"TfidfVectorizer{name}", lambda v, o=options: tx.TfidfVectorizer(**o).fit(d.TEXTS), kind="texts", rows=d.TEXT_ROWS, exact="near", extra=("sk142",))
add("TfidfTransformer", lambda v: make_pipeline(tx.CountVectorizer(), tx.TfidfTransformer()).fit(d.TEXTS), kind="texts", rows=d.TEXT_ROWS, exact="near", extra=("sk142",))
add("TfidfTransformer-counts", lambda v: tx.TfidfTransformer(sublinear_tf=True).fit(d.X_COUNT), x=d.X_COUNT, exact="near", extra=("sk142",))
for name, options in {"": {"n_features": 32}, "-unsigned": {"n_features": 32, "alternate_sign": False}, "-no-norm": {"n_features": 64, "norm": None}, "-l1": {"n_features": 32, "norm": "l1"}, "-binary": {"n_features": 32, "binary": True, "norm": None}, "-bigrams": {"n_features": 64, "ngram_range": (1, 2), "norm": None},
                      "-char": {"n_features": 64, "analyzer": "char", "ngram_range": (1, 2), "norm": None}}.items():
    add(f"HashingVectorizer{name}", lambda v, o=options: tx.HashingVectorizer(**o).fit(d.TEXTS), kind="texts", rows=d.TEXT_ROWS, exact="near" if options.get("norm", "l2") else "exact")
for name, options in {"": {"n_features": 16}, "-unsigned": {"n_features": 16, "alternate_sign": False}, "-float32": {"n_features": 16, "dtype": np.float32}}.items():
    add(f"FeatureHasher{name}", lambda v, o=options: FeatureHasher(**o).fit(d.RECORDS), kind="records", rows=d.RECORD_ROWS)
PAIRS = [[["a", 1], ["b", 2.5], ["a", -1]], [], [["\u00eele", "x"], ["n", True], ["n", .5]], [["", 3]], [["a", "b"], ["a=b", 2]], [["a", None]], [[1, 2]]]
for name, options in {"": {}, "-unsigned": {"alternate_sign": False}, "-float32": {"dtype": np.float32}, "-int": {"dtype": np.int64}}.items():
    add(f"FeatureHasher-pairs{name}", lambda v, o=options: FeatureHasher(n_features=8, input_type="pair", **o), kind="tokens", rows=PAIRS)
add("FeatureHasher-strings-unsigned", lambda v: FeatureHasher(n_features=4, input_type="string", alternate_sign=False, dtype=np.float32), kind="tokens", rows=[["a", "b", "a"], [], ["taxi", "ride", "taxi", "c"], [""]])
add("FeatureHasher-int", lambda v: FeatureHasher(n_features=16, dtype=np.int64), kind="records", rows=[{"a": 2.9, "b": -2.9}, {"a": 1, "c": "x"}, {}])
add("FeatureHasher-strings-logistic", lambda v: make_pipeline(FeatureHasher(n_features=16, input_type="string"), LogisticRegression()).fit([[t, "x"] for t in ("a", "b", "c", "a", "b", "d")], [0, 1, 1, 0, 1, 0]), kind="tokens",
    exact="near", rows=[["a", "x"], ["b"], ["z", "a", "a"], ["c", "d"]])
add("FeatureHasher-strings", lambda v: FeatureHasher(n_features=16, input_type="string"), kind="tokens", rows=[["a", "b", "a"], [], ["\u00eele", "taxi"], ["\U0001f696"], ["", "a"]])
