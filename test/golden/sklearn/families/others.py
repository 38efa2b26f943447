"""Naive Bayes, neighbours, support vectors, networks, clusters, mixtures and dummies."""
import numpy as np
from sklearn import cluster, dummy, mixture, naive_bayes as nb, neighbors as nn, neural_network as net, svm
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import data as d
from case import table

CASES, add = table("others", exact="near")
YS = {"yesno": d.YESNO, "three": d.THREE}

# naive Bayes
for name, y in {**YS, "bools": d.BOOLS, "huge": d.HUGE, "ten": d.TEN}.items():
    add(f"GaussianNB-{name}", lambda v, y=y: nb.GaussianNB().fit(d.X, y))
add("GaussianNB-float32", lambda v: nb.GaussianNB().fit(d.X.astype(np.float32), d.THREE))
add("GaussianNB-priors", lambda v: nb.GaussianNB(priors=[.2, .5, .3], var_smoothing=1e-3).fit(d.X, d.THREE))
for name, y in YS.items():
    for kind in ("MultinomialNB", "BernoulliNB", "ComplementNB"):
        add(f"{kind}-{name}", lambda v, y=y, k=kind: getattr(nb, k)().fit(d.X_COUNT, y), x=d.X_COUNT)
add("MultinomialNB-uniform", lambda v: nb.MultinomialNB(alpha=.3, fit_prior=False).fit(d.X_COUNT, d.THREE), x=d.X_COUNT)
add("MultinomialNB-one-class", lambda v: nb.MultinomialNB().fit(d.X_COUNT, np.full(d.N, "only")), x=d.X_COUNT)
add("BernoulliNB-no-binarize", lambda v: nb.BernoulliNB(binarize=None).fit(d.X_BOOL, d.THREE), x=d.X_BOOL)
add("BernoulliNB-threshold", lambda v: nb.BernoulliNB(binarize=1.5).fit(d.X_COUNT, d.THREE), x=d.X_COUNT)
add("ComplementNB-norm", lambda v: nb.ComplementNB(norm=True).fit(d.X_COUNT, d.THREE), rows=[row for row in d.matrix_rows(d.X_COUNT) if row[0] != 1e300])
add("ComplementNB-one-class", lambda v: nb.ComplementNB().fit(d.X_COUNT, np.full(d.N, 1)), x=d.X_COUNT)
add("CategoricalNB", lambda v: nb.CategoricalNB().fit(d.X_COUNT, d.THREE), x=d.X_COUNT)
add("MultinomialNB-text", lambda v: make_pipeline(CountVectorizer(), nb.MultinomialNB()).fit(d.TEXTS, d.THREE), kind="texts", rows=d.TEXT_ROWS)

# neighbours. Far rows are equally near to everybody once rounded, so that the library's own choice is chance.
NEAR = [row for row in d.matrix_rows(d.X) if all(v is None or abs(v) < 1e9 or abs(v) == float("inf") for v in row)]
DIRECTED = [row for row in NEAR if any(v is None or abs(v) > 1e-9 for v in row)]
for name, y in YS.items():
    for weights in ("uniform", "distance"):
        add(f"KNeighborsClassifier-{weights}-{name}", lambda v, y=y, w=weights: nn.KNeighborsClassifier(weights=w).fit(d.X, y), extra=("sk113", "sk122"), rows=NEAR)
for algorithm in ("brute", "kd_tree", "ball_tree"):
    add(f"KNeighborsClassifier-{algorithm}", lambda v, a=algorithm: nn.KNeighborsClassifier(algorithm=a, n_neighbors=4).fit(d.X, d.THREE), extra=("sk122",), rows=NEAR)
    add(f"KNeighborsRegressor-{algorithm}", lambda v, a=algorithm: nn.KNeighborsRegressor(algorithm=a, n_neighbors=4).fit(d.X, d.REAL), extra=("sk122",), rows=NEAR)
for metric, options in {"manhattan": {}, "chebyshev": {}, "minkowski": {"p": 3}, "cosine": {}, "canberra": {}}.items():
    add(f"KNeighborsRegressor-{metric}", lambda v, m=metric, o=options: nn.KNeighborsRegressor(metric=m, weights="distance", **o).fit(d.X, d.REAL), exact="loose", tolerance=1e-9 if metric == "cosine" else 1e-12, rows=DIRECTED)
add("KNeighborsRegressor-two", lambda v: nn.KNeighborsRegressor(n_neighbors=3).fit(d.X, d.TWO_REALS), rows=NEAR)
add("KNeighborsRegressor-distance", lambda v: nn.KNeighborsRegressor(weights="distance").fit(d.X, d.REAL), exact="loose", tolerance=1e-9, rows=NEAR)
add("KNeighborsRegressor-distance-brute", lambda v: nn.KNeighborsRegressor(weights="distance", algorithm="brute").fit(d.X, d.REAL), exact="loose", tolerance=1e-6, rows=NEAR)
add("KNeighborsClassifier-two-outputs", lambda v: nn.KNeighborsClassifier().fit(d.X, d.TWO_LABELS), rows=NEAR)
add("KNeighborsClassifier-bools", lambda v: nn.KNeighborsClassifier(n_neighbors=3).fit(d.X, d.BOOLS), rows=NEAR)
add("RadiusNeighborsRegressor", lambda v: nn.RadiusNeighborsRegressor(radius=3.).fit(d.X, d.REAL), rows=d.X[:12].tolist())
add("RadiusNeighborsClassifier", lambda v: nn.RadiusNeighborsClassifier(radius=3., outlier_label="most_frequent").fit(d.X, d.THREE))
add("RadiusNeighborsClassifier-refuses", lambda v: nn.RadiusNeighborsClassifier(radius=1.).fit(d.X, d.THREE))
add("RadiusNeighborsRegressor-distance", lambda v: nn.RadiusNeighborsRegressor(radius=3., weights="distance").fit(d.X, d.REAL), rows=d.X[:12].tolist())
add("RadiusNeighborsRegressor-distance-two", lambda v: nn.RadiusNeighborsRegressor(radius=9., weights="distance").fit(d.X, np.column_stack([d.REAL, d.REAL * 2 + 1])), rows=(d.X[:12] + .25).tolist())
add("RadiusNeighborsClassifier-distance", lambda v: nn.RadiusNeighborsClassifier(radius=9., weights="distance").fit(d.X, d.THREE), rows=(d.X[:12] + .25).tolist())
add("RadiusNeighborsClassifier-own", lambda v: nn.RadiusNeighborsClassifier(radius=1., outlier_label=-1).fit(d.X, d.THREE_INT))
add("NearestCentroid", lambda v: nn.NearestCentroid().fit(d.X, d.THREE))

# support vectors
for kernel in ("linear", "rbf", "poly", "sigmoid"):
    for name, y in YS.items():
        add(f"SVC-{kernel}-{name}", lambda v, k=kernel, y=y: svm.SVC(kernel=k, random_state=0).fit(d.X, y))
        add(f"SVC-{kernel}-probability-{name}", lambda v, k=kernel, y=y: svm.SVC(kernel=k, probability=True, random_state=0).fit(d.X, y), exact="loose", tolerance=1e-9)
    add(f"SVR-{kernel}", lambda v, k=kernel: svm.SVR(kernel=k, C=3).fit(d.X, d.REAL))
for name, options in {"ovo": {"decision_function_shape": "ovo"}, "break-ties": {"break_ties": True}, "auto": {"gamma": "auto"}, "gamma": {"gamma": .3, "C": 4}, "poly2": {"kernel": "poly", "degree": 2, "coef0": 1.5}, "balanced": {"class_weight": "balanced"}}.items():
    add(f"SVC-{name}", lambda v, o=options: svm.SVC(**o).fit(d.X, d.THREE_INT))
add("SVC-ten", lambda v: svm.SVC().fit(d.X, d.TEN))
add("NuSVC", lambda v: svm.NuSVC(nu=.3).fit(d.X, d.THREE))
add("NuSVC-probability", lambda v: svm.NuSVC(nu=.3, probability=True, random_state=0).fit(d.X, d.YESNO), exact="loose", tolerance=1e-9)
add("NuSVR", lambda v: svm.NuSVR().fit(d.X, d.REAL))
add("OneClassSVM", lambda v: svm.OneClassSVM(nu=.2).fit(d.X))
add("SVC-text", lambda v: make_pipeline(CountVectorizer(), svm.SVC(kernel="linear")).fit(d.TEXTS, d.THREE), kind="texts", rows=d.TEXT_ROWS)

# networks
for activation in ("identity", "logistic", "tanh", "relu"):
    add(f"MLPRegressor-{activation}", lambda v, a=activation: net.MLPRegressor(hidden_layer_sizes=(6, 4), activation=a, max_iter=60, random_state=0).fit(d.X, d.REAL))
    for name, y in YS.items():
        add(f"MLPClassifier-{activation}-{name}", lambda v, a=activation, y=y: net.MLPClassifier((6,), activation=a, max_iter=60, random_state=0).fit(d.X, y))
add("MLPClassifier-indicators", lambda v: net.MLPClassifier((5,), max_iter=60, random_state=0).fit(d.X, d.INDICATORS))
add("MLPRegressor-two", lambda v: net.MLPRegressor(hidden_layer_sizes=(5,), max_iter=60, random_state=0, solver="lbfgs").fit(d.X, d.TWO_REALS))
add("MLPClassifier-sgd-early", lambda v: make_pipeline(StandardScaler(), net.MLPClassifier((4, 3, 3), solver="sgd", early_stopping=True, max_iter=40, random_state=0)).fit(d.X, d.YESNO))
add("MLPRegressor-poisson", lambda v: net.MLPRegressor(hidden_layer_sizes=(4,), loss="poisson", max_iter=60, random_state=0).fit(d.X, d.COUNTS), since=(1, 7), extra=("sk172",))

# clusters, mixtures, dummies
add("KMeans", lambda v: cluster.KMeans(3, n_init=2, random_state=0).fit(d.X), exact={"predict": "near", "*": "loose"}, tolerance=1e-8)
add("KMeans-many", lambda v: cluster.KMeans(9, n_init=1, random_state=0).fit(d.X), exact={"predict": "near", "*": "loose"}, tolerance=1e-8)
add("MiniBatchKMeans", lambda v: cluster.MiniBatchKMeans(3, n_init=2, random_state=0).fit(d.X), exact={"predict": "near", "*": "loose"}, tolerance=1e-8)
add("BisectingKMeans", lambda v: cluster.BisectingKMeans(4, random_state=0).fit(d.X), since=(1, 1), exact={"predict": "near", "*": "loose"}, tolerance=1e-8)
for covariance in ("full", "tied", "diag", "spherical"):
    add(f"GaussianMixture-{covariance}", lambda v, c=covariance: mixture.GaussianMixture(3, covariance_type=c, random_state=0).fit(d.X), exact="loose", tolerance=1e-9)
add("BayesianGaussianMixture", lambda v: mixture.BayesianGaussianMixture(n_components=3, random_state=0).fit(d.X), exact="loose", tolerance=1e-9)
for strategy, options in {"mean": {}, "median": {}, "quantile": {"quantile": .8}, "constant": {"constant": 4.5}}.items():
    add(f"DummyRegressor-{strategy}", lambda v, s=strategy, o=options: dummy.DummyRegressor(strategy=s, **o).fit(d.X, d.REAL), exact="exact")
add("DummyRegressor-two", lambda v: dummy.DummyRegressor().fit(d.X, d.TWO_REALS), exact="exact")
for strategy in ("prior", "most_frequent", "constant"):
    for name, y in YS.items():
        add(f"DummyClassifier-{strategy}-{name}", lambda v, s=strategy, y=y: dummy.DummyClassifier(strategy=s, constant=y[0] if s == "constant" else None).fit(d.X, y), exact="exact")
add("DummyClassifier-two", lambda v: dummy.DummyClassifier(strategy="prior").fit(d.X, d.TWO_LABELS), exact="exact")
