// Neighbours, kernel machines, networks, mixtures, ensembles of estimators and text vectorizers with attributes that do not fit, or
// that hold what is not supported: each is refused with a typed error and the path inside the file. The files are recorded ones whose
// inert tree is changed before it becomes a graph.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { TrimaranError } from "../../../src/base/errors.ts";
import { isNode, type PyDict, type PyValue, pyGlobal, pyObject, pyTuple } from "../../../src/formats/pickle/tree.ts";
import { readPickledModel } from "../../../src/formats/read/pickled-model.ts";
import { readEstimator } from "../../../src/formats/sklearn/read-estimator.ts";

const recorded = new URL("../../golden/sklearn/recorded/sk191/", import.meta.url);

function stateOf(value: PyValue | undefined): PyDict {
  const state = isNode(value) && value.kind === "object" ? value.states.at(-1) : undefined;
  assert.ok(isNode(state) && state.kind === "dict");
  return state;
}

function get(value: PyValue | undefined, name: string): PyValue {
  const state = stateOf(value);
  return state.values[state.keys.indexOf(name)] ?? null;
}

/** Sets an attribute, also one below others: `_tfidf.norm`. */
function set(root: PyValue, path: string, to: PyValue): void {
  const names = path.split(".");
  const last = names.pop() ?? "";
  const state = stateOf(names.reduce((value, name) => get(value, name), root));
  const at = state.keys.indexOf(last);
  assert.ok(at >= 0, `the file has no ${path}`);
  state.values[at] = to;
}

const float = (value: number): PyValue => ({ kind: "float", value });
const list = (...items: PyValue[]): PyValue => ({ kind: "list", items });
const aFunction = pyGlobal("numpy", "exp", 0);
const anObject = pyObject(pyGlobal("my.code", "Thing", 0), []);

interface Refused {
  readonly file: string;
  readonly path: string;
  readonly to: PyValue;
  readonly code: string;
  readonly says: RegExp;
}

const knn = "others-KNeighborsClassifier-uniform-three.pkl";
const svc = "others-SVC-rbf-probability-three.pkl";
const mlp = "others-MLPClassifier-relu-three.pkl";
const gmm = "others-GaussianMixture-full.pkl";
const count = "text-CountVectorizer.pkl";
const dummy = "others-DummyRegressor-mean.pkl";
const columns = "compose-ColumnTransformer-ints.pkl";
const products = "preprocessing-PolynomialFeatures-two.pkl";
const unsupported = "MODEL_UNSUPPORTED";
const unsound = "MODEL_ATTRIBUTE";

const refused: readonly Refused[] = [
  { file: dummy, path: "n_outputs_", to: 1e9, code: unsound, says: /^n_outputs_: 1 to 65536 outputs/ },
  { file: columns, path: "n_features_in_", to: 1e9, code: unsound, says: /^n_features_in_: 0 to 1048576 features/ },
  { file: products, path: "degree", to: 1e9, code: unsupported, says: /^degree: more than 1000000 products/ },
  { file: knn, path: "weights", to: aFunction, code: unsupported, says: /^weights: / },
  {
    file: knn,
    path: "effective_metric_",
    to: aFunction,
    code: unsupported,
    says: /^effective_metric_: a metric that is/,
  },
  { file: knn, path: "effective_metric_", to: "mahalanobis", code: unsupported, says: /metric mahalanobis/ },
  { file: knn, path: "_fit_X", to: list(), code: unsound, says: /^_fit_X: an array was expected/ },
  { file: knn, path: "n_neighbors", to: 91, code: "MODEL_GRAPH", says: /91 neighbours of 90 points/ },
  { file: knn, path: "n_neighbors", to: float(2.5), code: unsound, says: /^n_neighbors: a whole number/ },
  { file: svc, path: "kernel", to: aFunction, code: unsupported, says: /^kernel: the kernel a function/ },
  { file: svc, path: "kernel", to: "precomputed", code: unsupported, says: /^kernel: the kernel precomputed/ },
  { file: svc, path: "_n_support", to: null, code: unsound, says: /n_support/ },
  { file: svc, path: "_dual_coef_", to: list(), code: unsound, says: /^_dual_coef_: an array was expected/ },
  { file: "others-SVR-rbf.pkl", path: "_gamma", to: "auto", code: unsound, says: /^_gamma: a number was expected/ },
  { file: mlp, path: "activation", to: "gelu", code: unsupported, says: /^activation: the activation gelu/ },
  { file: mlp, path: "coefs_", to: list(), code: unsound, says: /^coefs_: it holds no layer/ },
  { file: mlp, path: "intercepts_", to: list(1, 2), code: "ARRAY_INVALID", says: /intercepts_\[0\]/ },
  { file: gmm, path: "covariance_type", to: "banded", code: unsupported, says: /covariance type banded/ },
  { file: gmm, path: "covariance_type", to: "diag", code: unsound, says: /^precisions_cholesky_: 15 numbers/ },
  {
    file: "compose-VotingClassifier-weights.pkl",
    path: "estimators_",
    to: list(),
    code: unsupported,
    says: /^estimators_\[0\]: nothing/,
  },
  {
    file: "compose-VotingClassifier-weights.pkl",
    path: "estimators_",
    to: list(anObject),
    code: unsupported,
    says: /^estimators_\[0\]: my.code.Thing/,
  },
  {
    file: "compose-VotingClassifier-weights.pkl",
    path: "weights",
    to: list(1, 2),
    code: unsound,
    says: /^weights: 3 numbers/,
  },
  {
    file: "compose-StackingClassifier-three.joblib",
    path: "final_estimator_",
    to: anObject,
    code: unsupported,
    says: /^final_estimator_: my.code.Thing/,
  },
  {
    file: "compose-StackingClassifier-three.joblib",
    path: "stack_method_",
    to: list("transform", "transform", "transform"),
    code: unsupported,
    says: /^estimators_\[0\]: a stack method/,
  },
  {
    file: "compose-CalibratedClassifierCV-sigmoid-bayes-three.skops",
    path: "calibrated_classifiers_",
    to: list(anObject),
    code: unsound,
    says: /^calibrated_classifiers_: /,
  },
  {
    file: "compose-OneVsOneClassifier.pkl",
    path: "pairwise_indices_",
    to: list(),
    code: unsupported,
    says: /^pairwise_indices_: /,
  },
  {
    file: "compose-ClassifierChain.pkl",
    path: "order_",
    to: list(0, 0, 1),
    code: unsound,
    says: /^order_: an order of 3/,
  },
  {
    file: "linear-IsotonicRegression-clip.joblib",
    path: "out_of_bounds",
    to: "guess",
    code: unsound,
    says: /^out_of_bounds: /,
  },
  { file: count, path: "tokenizer", to: aFunction, code: unsupported, says: /^tokenizer: a tokenizer of its own/ },
  { file: count, path: "analyzer", to: aFunction, code: unsupported, says: /^analyzer: / },
  { file: count, path: "token_pattern", to: "(a+)+$", code: unsupported, says: /^token_pattern: .*repetition/ },
  { file: count, path: "input", to: "filename", code: unsupported, says: /^input: reading documents from files/ },
  {
    file: count,
    path: "ngram_range",
    to: pyTuple([1, 1000000000]),
    code: "MODEL_GRAPH",
    says: /terms of 1 to 1000000000/,
  },
  { file: count, path: "ngram_range", to: pyTuple([2, 1]), code: "MODEL_GRAPH", says: /terms of 2 to 1/ },
  {
    file: count,
    path: "vocabulary_",
    to: { kind: "dict", keys: ["a", "b"], values: [0, 0] },
    code: unsound,
    says: /^vocabulary_: /,
  },
  {
    file: "text-TfidfVectorizer.pkl",
    path: "_tfidf.norm",
    to: "l3",
    code: unsupported,
    says: /^_tfidf.norm: the norm l3/,
  },
  { file: "text-TfidfVectorizer.pkl", path: "_tfidf", to: "x", code: unsound, says: /^_tfidf: / },
  { file: "text-FeatureHasher.joblib", path: "input_type", to: "pairs", code: unsound, says: /^input_type: / },
  {
    file: "text-HashingVectorizer.joblib",
    path: "n_features",
    to: -4,
    code: "MODEL_GRAPH",
    says: /hashes to -4 columns/,
  },
];

for (const { file, path, to, code, says } of refused) {
  test(`${file} is refused when ${path} does not fit (${says.source})`, () => {
    const { root, problem } = readPickledModel(readFileSync(new URL(file, recorded)), file);
    assert.ok(root !== undefined, String(problem));
    set(root, path, to);
    assert.throws(
      () => readEstimator(root, { name: file }),
      (error: unknown) => {
        assert.ok(error instanceof TrimaranError, String(error));
        assert.equal(error.code, code, error.message);
        assert.match(error.message, says);
        return true;
      },
    );
  });
}
