"""Sparse rows in which a column stands twice: which steps sum its entries, and which look at each of them."""
import numpy as np
from sklearn import (calibration as cal, decomposition as dc, ensemble as en, feature_selection as fs, linear_model as lm, naive_bayes as nb,
                     neural_network as nn, preprocessing as pp, tree)
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.pipeline import FeatureUnion, make_pipeline

from case import table

CASES, add = table("repeats", kind="records", exact="near")

FITTED = [{"a": "xyz"[i % 3], "b": "pq"[i % 2], "c": 0.5 + i % 4} for i in range(24)]
CLASSES = np.array([["no", "yes"][(i % 3 + i % 2) % 2] for i in range(24)])
REALS = np.array([0.25 * i + (i % 3) for i in range(24)])
ROWS = [FITTED[1], FITTED[2], {"a=x": 1, "a": "x", "c": 2}, {"a=x": -1, "a": "x", "c": 1}, {"a=y": 2.5, "a": "y", "b=p": 1, "b": "p", "c": 0.5}, {"a=x": -0.5, "a": "x"},
        {"b": "q", "b=q": 0.25, "a": "z", "c": 3}, {"a=z": -2, "a": "z", "b": "q", "c": 1}, {}]


def dictionary(*steps, **options):
    return make_pipeline(DictVectorizer(**options), *steps)


def case(name, build, y=CLASSES, **options):
    add(name, lambda v: build(v).fit(FITTED, y), rows=ROWS, **options)


case("BernoulliNB", lambda v: dictionary(nb.BernoulliNB()))
case("BernoulliNB-calibrated", lambda v: dictionary(pp.MaxAbsScaler(), cal.CalibratedClassifierCV(nb.BernoulliNB(), cv=2, ensemble=False), sort=False))
case("BernoulliNB-raw", lambda v: dictionary(nb.BernoulliNB(binarize=None)))
case("BernoulliNB-half", lambda v: dictionary(nb.BernoulliNB(binarize=0.5)))
case("Binarizer", lambda v: dictionary(pp.Binarizer()))
case("Binarizer-linear", lambda v: dictionary(pp.Binarizer(threshold=0.75), lm.LogisticRegression()))
case("Binarizer-forest", lambda v: dictionary(pp.Binarizer(threshold=0.75), en.RandomForestRegressor(n_estimators=3, random_state=0)), y=REALS)
for norm in ("l1", "l2", "max"):
    case(f"Normalizer-{norm}", lambda v, n=norm: dictionary(pp.Normalizer(n)), since=(1, 0) if norm == "max" else (0, 24))
case("MaxAbsScaler", lambda v: dictionary(pp.MaxAbsScaler()))
case("StandardScaler", lambda v: dictionary(pp.StandardScaler(with_mean=False), lm.LogisticRegression()))
case("RobustScaler", lambda v: dictionary(pp.RobustScaler(with_centering=False), lm.LogisticRegression()))
case("SelectKBest", lambda v: dictionary(fs.SelectKBest(fs.chi2, k=3), pp.Binarizer(threshold=0.75)))
case("TfidfTransformer", lambda v: dictionary(TfidfTransformer()))
case("TfidfTransformer-sublinear", lambda v: dictionary(TfidfTransformer(norm="l1", use_idf=False)))
case("FeatureUnion", lambda v: make_pipeline(FeatureUnion([("one", DictVectorizer()), ("two", dictionary(pp.Binarizer(threshold=0.75)))]), pp.Binarizer(threshold=0.75)))
case("TruncatedSVD", lambda v: dictionary(dc.TruncatedSVD(2, random_state=0)))
case("MultinomialNB", lambda v: dictionary(pp.Binarizer(threshold=0.75), nb.MultinomialNB()))
case("MLP", lambda v: dictionary(nn.MLPClassifier((3,), max_iter=20, random_state=0)))
case("DecisionTree", lambda v: dictionary(tree.DecisionTreeClassifier()))
case("GradientBoosting", lambda v: dictionary(en.GradientBoostingRegressor(n_estimators=3)), y=REALS)
case("Bagging", lambda v: dictionary(en.BaggingClassifier(nb.BernoulliNB(), n_estimators=3, random_state=0)))
case("Bagging-features", lambda v: dictionary(en.BaggingClassifier(nb.BernoulliNB(), n_estimators=3, max_features=0.5, random_state=0)))
case("IsolationForest", lambda v: dictionary(en.IsolationForest(n_estimators=3, random_state=0)))
case("LogisticRegression-sparse-coef", lambda v: dictionary(lm.LogisticRegression()))
