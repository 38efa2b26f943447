"""The small made-up data that every golden model is fitted on, and the rows it is asked about."""
import math

import numpy as np
import pandas as pd

N = 90
random = np.random.RandomState(20)

X = random.normal(0, 2, (N, 5))
X[:, 3] = random.randint(0, 6, N)
X[:, 4] = np.round(X[:, 4], 1)
X_POS = np.abs(X) + 0.25
X_COUNT = random.poisson(1.4, (N, 6)).astype(float)
X_BOOL = (X_COUNT > 1).astype(float)
X_NAN = X.copy()
X_NAN[random.rand(N, 5) < 0.15] = np.nan
WEIGHTS = random.uniform(0.2, 3, N)

signal = X @ np.array([1.3, -0.7, 0.4, 0.9, -0.25]) + random.normal(0, 0.5, N)
REAL = np.round(signal * 3 + 20, 4)
POSITIVE = np.exp(signal / 4) + 0.01
COUNTS = random.poisson(np.exp(signal / 6)).astype(float)
TWO_REALS = np.column_stack([REAL, signal ** 2])
BINARY = (signal > np.median(signal)).astype(int)
YESNO = np.where(BINARY == 1, "yes", "no")
BOOLS = BINARY == 1
FLOATS = np.where(BINARY == 1, 3.0, 1.0)
third = np.digitize(signal, np.quantile(signal, [0.33, 0.7]))
THREE = np.array(["hoch", "mittel", "tief \u00ee"])[third]
THREE_INT = np.array([-3, 7, 11])[third]
THREE_OBJECT = np.array(["hoch", "mittel", "tief"], dtype=object)[third]
HUGE = np.array([2 ** 53 + 1, 2 ** 53 + 3, -(2 ** 60) - 1])[third]
TEN = np.digitize(signal, np.quantile(signal, np.arange(1, 10) / 10))
TWO_LABELS = np.column_stack([BINARY, third])
TWO_STRINGS = np.column_stack([YESNO, np.array(["x", "yy", "zzz"])[third]]).astype(object)
INDICATORS = np.column_stack([BINARY, (X[:, 0] > 0.3).astype(int), (X[:, 1] > 0).astype(int)])

# --- frames ---

FRAME = pd.DataFrame({
    "age": np.round(random.uniform(18, 80, N)), "fare": np.round(random.gamma(2, 15, N), 2),
    "city": random.choice(["\u00eele", "north", "south", "West"], N, p=[.3, .3, .35, .05]).astype(object),
    "plan": random.choice(["basic", "plus", "pro"], N).astype(object),
    "zone": random.choice([1, 2, 7], N),
})
FRAME_COLUMNS = [["age", "number"], ["fare", "number"], ["city", "string"], ["plan", "string"], ["zone", "number"]]
FRAME_NAN = FRAME.copy()
FRAME_NAN.loc[random.rand(N) < .15, "age"] = np.nan
FRAME_NAN.loc[random.rand(N) < .15, "city"] = np.nan
FRAME_NONE = FRAME_NAN.copy()
FRAME_NONE["city"] = [None if isinstance(v, float) else v for v in FRAME_NAN["city"]]

FRAME_ROWS = FRAME.iloc[:12].to_dict("records") + [
    {"age": 33.0, "fare": 12.5, "city": "moon", "plan": "pro", "zone": 1},
    {"age": 33.0, "fare": 12.5, "city": "north", "plan": "gold", "zone": 9},
    {"age": 33.0, "fare": 12.5, "city": "", "plan": "basic", "zone": 7},
    {"age": 33.0, "fare": 12.5, "city": "i\u0302le", "plan": "basic", "zone": 7},
    {"age": 33.0, "fare": 12.5, "city": "West", "plan": "plus", "zone": -1},
    {"age": -1.0, "fare": 0.0, "city": "south", "plan": "plus", "zone": 2},
    {"age": 33.0, "fare": -0.0, "city": "South", "plan": "plus ", "zone": 2},
    {"age": 1e6, "fare": 1e9, "city": "south", "plan": "plus", "zone": 2},
    {"age": None, "fare": 12.5, "city": "north", "plan": "pro", "zone": 1},
    {"age": 33.0, "fare": None, "city": "north", "plan": "pro", "zone": 1},
    {"age": 33.0, "fare": 12.5, "city": None, "plan": "pro", "zone": 1},
    {"age": None, "fare": None, "city": None, "plan": None, "zone": 1},
]

# --- dictionaries and texts ---

RECORDS = [{"pair": "%d_%d" % (random.randint(4), random.randint(3)), "distance": round(float(random.gamma(2, 2)), 2),
            **({"hour": int(random.randint(24))} if i % 3 else {}), **({"night": bool(i % 2)} if i % 5 == 0 else {})}
           for i in range(N)]
RECORD_ROWS = RECORDS[:10] + [
    {}, {"pair": "1_1"}, {"distance": 3.66}, {"pair": "9_9", "distance": 1.0}, {"pair": "", "distance": 2.5},
    {"pair": "__proto__", "constructor": 1.0}, {"__proto__": 1.0, "distance": 1.0}, {"Pair": "1_1", "distance": 2.5},
    {"pair": "1_1", "distance": 2.5, "extra": 7, "more": "x"}, {"pair": "1_1", "distance": "2.5"},
    {"pair": 11, "distance": 2.5}, {"pair": "1_1", "distance": True}, {"pair": ["1_1", "2_2"], "distance": 1.0},
    {"pair": ["1_1", "1_1"], "distance": 1.0}, {"pair": [], "distance": 1.0}, {"pair": ["9_9"], "distance": 1.0},
    {"distance": 2.5, "pair": "1_1", "pair=1_1": 5}, {"pair=1_1": 0.5}, {"pair": "1_1", "distance": 3},
    {"pair": "1_1", "distance": -0.0}, {"pair": "1_1", "distance": 5e-324}, {"pair": "1_1", "distance": 1e-40},
    {"pair": "1_1", "distance": 1e30}, {"pair": "1_1", "distance": 9007199254740993}, {"pair": "1_1", "distance": 0.1 + 0.2},
    {"pair": "1_1", "distance": None}, {"pair": None, "distance": 1.0}, {"pair": "1_1", "distance": 3.5e38},
    {"pair": "1_1", "distance": 1e300}, {"pair": {"a": 1}, "distance": 1.0}, {"pair": "1_1", "distance": [1.0, 2.0]},
]
WORDS = ["taxi", "Taxi", "ride", "late", "the", "a", "is", "not", "\u00eele", "caf\u00e9", "2022", "x", "airport", "don't", "naïve", "straße", "ЖАР"]
TEXTS = [" ".join(random.choice(WORDS, random.randint(2, 9))) + random.choice(["", ".", "!", "?!"]) for _ in range(N)]
TEXT_ROWS = [[t] for t in TEXTS[:10] + [
    "", "   ", "unseen words only", "TAXI taxi tAxI", "taxi-ride, late; the_end", "taxi\tride\nlate\u00a0the", "caf\u00e9 cafe\u0301 CAF\u00c9",
    "\u0130stanbul Stra\u00dfe STRASSE \u1e9e", "\U0001f696 taxi \u4e2d\u6587 \u0939\u093f\u0928\u094d\u0926\u0940", "x y z", "2022 1,000.5 3e5", "don't can't", "\u00b2 \u2163 \u0663 \ufb01n",
    "a a a the the is", "\u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2 \u039f\u0394\u039f\u03a3", "e\u0301te\u0301 nai\u0308ve \u0000 \ud7ff", "taxi" * 40]]


def neighbours(x):
    near32 = np.float32(x)
    return [float(np.nextafter(x, -np.inf)), float(x), float(np.nextafter(x, np.inf)), float(near32),
            float(np.nextafter(near32, np.float32(np.inf)))]


def matrix_rows(x, probes=True):
    """Rows of the fitted data, corners, and rows that many classes refuse; None is NaN."""
    width = x.shape[1]
    fresh = np.random.RandomState(5).normal(0, 3, (4, width)).tolist()
    base = [0.5 if math.isnan(v) else v for v in x[7].tolist()]
    rows = x[:9].tolist() + fresh + [[0.0] * width, [-0.0] * width, [1e6] * width, [-1e6] * width, [5e-324] * width,
                                     [0.1 + 0.2] * width, [1.0] + [-1.0] * (width - 1), [255.7] * width, [9007199254740992.0] + base[1:]]
    if probes:
        rows += [[None] + base[1:], base[:-1] + [None], [None] * width, [1e39] + base[1:], [-1e300] + base[1:], [1e300] * width,
                 [math.inf] + base[1:], base[:-1]]
    return [[None if v is None or math.isnan(v) else float(v) for v in row] for row in rows]
