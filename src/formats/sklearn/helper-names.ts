// Objects that fitted estimators carry along and that hold data only: losses, links, distributions. Records read them
// seldom or not at all; a file that names them is no worse for it.
import { type AllowedGlobal, allow } from "../pickle/allow-list.ts";

const cythonLosses: readonly string[] = [
  "CyAbsoluteError",
  "CyExponentialLoss",
  "CyHalfBinomialLoss",
  "CyHalfGammaLoss",
  "CyHalfMultinomialLoss",
  "CyHalfPoissonLoss",
  "CyHalfSquaredError",
  "CyHalfTweedieLoss",
  "CyHalfTweedieLossIdentity",
  "CyHuberLoss",
  "CyPinballLoss",
];

/** From 1.1 to 1.6 a Cython loss was rebuilt by a function of its own. */
const cythonNames = cythonLosses.flatMap((name) => [name, `__pyx_unpickle_${name}`]);

export const helperNames: readonly AllowedGlobal[] = [
  allow("sklearn._loss._loss", "construct", ...cythonNames),
  // 1.4 and 1.5 were built so that the module calls itself `_loss`.
  allow("_loss", "construct", ...cythonNames),
  allow(
    "sklearn._loss.loss",
    "construct",
    "AbsoluteError",
    "ExponentialLoss",
    "HalfBinomialLoss",
    "HalfGammaLoss",
    "HalfMultinomialLoss",
    "HalfPoissonLoss",
    "HalfSquaredError",
    "HalfTweedieLoss",
    "HalfTweedieLossIdentity",
    "HuberLoss",
    "PinballLoss",
  ),
  allow(
    "sklearn._loss.link",
    "construct",
    "HalfLogitLink",
    "IdentityLink",
    "Interval",
    "LogLink",
    "LogitLink",
    "MultinomialLogit",
  ),
  allow(
    "sklearn._loss.glm_distribution",
    "construct",
    "DistributionBoundary",
    "GammaDistribution",
    "InverseGaussianDistribution",
    "NormalDistribution",
    "PoissonDistribution",
    "TweedieDistribution",
  ),
  allow("sklearn.cluster._bisect_k_means", "construct", "_BisectingTree"),
  allow("sklearn.linear_model._glm.link", "construct", "IdentityLink", "LogLink", "LogitLink"),
  // Without the underscore until 0.21.
  ...["sklearn.linear_model._sgd_fast", "sklearn.linear_model.sgd_fast"].map((module) =>
    allow(
      module,
      "construct",
      "EpsilonInsensitive",
      "Hinge",
      "Huber",
      "Log",
      "ModifiedHuber",
      "SquaredEpsilonInsensitive",
      "SquaredHinge",
      "SquaredLoss",
    ),
  ),
].flat();
