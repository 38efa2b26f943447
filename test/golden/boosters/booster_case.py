"""What a booster's case is: how it is trained, saved, loaded and asked."""
import numpy as np


class Case:
    """`train()` → model. `save(model, path)`, `load(path)` → {method: batch → answers}; `decode(rows)` → what the methods take."""

    def __init__(self, name, family, train, rows, save, load, suffix, decode=None, columns=None, exact=None, api="booster", expect=None, estimator="", tolerance=None):
        self.name, self.family, self.train, self.rows, self.save, self.load, self.suffix = name, family, train, rows, save, load, suffix
        self.decode = decode or (lambda rows: np.array([[np.nan if v is None else v for v in row] for row in rows], dtype=float))
        self.columns, self.exact, self.api, self.expect, self.estimator, self.tolerance = columns, exact or {}, api, expect, estimator, tolerance
