// Why a reading of Python objects may not be used: dangers first, then a damaged stream, then classes that are not known.
import { type Issue, type TrimaranError, trimaranError } from "../../base/errors.ts";
import type { PickleReading } from "../pickle/reading.ts";
import { type Finding, showName, untrustedError } from "../pickle/untrusted.ts";
import { estimatorTable } from "../sklearn/estimator-table.ts";
import { nearestEstimator } from "../sklearn/nearest.ts";
import { isInertClass, isNamedOnly, libraryOf } from "./other-libraries.ts";
import { classPaths } from "./tree-path.ts";

/** The same findings; a class that would only have been filled with attributes is `unsupported`, not a danger. */
export function gradeFindings(findings: readonly Finding[], reading: PickleReading): readonly Finding[] {
  const uses = [...reading.globals, ...reading.trailingGlobals];
  const isHarmless = ({ module, name }: Finding): boolean => {
    if (module === "") return false;
    if (libraryOf(module, name) !== undefined) return true;
    return uses
      .filter(({ global }) => global.module === module && global.name === name)
      .every((use) => isInertClass(use) || isNamedOnly(use));
  };
  return findings.map((finding) =>
    finding.severity === "danger" && isHarmless(finding) ? { ...finding, severity: "unsupported" } : finding,
  );
}

/** `findings` are graded. */
export function refusalOf(reading: PickleReading, findings: readonly Finding[]): TrimaranError | null {
  if (findings.some(({ severity }) => severity === "danger")) return untrustedError(reading.name, findings);
  if (reading.problem !== null) return reading.problem;
  const unknown = findings.filter(({ severity }) => severity === "unsupported");
  const [first] = unknown;
  if (first === undefined) return null;
  const paths = classPaths(reading.root ?? null, new Set(unknown.map(classOf)));
  const placeOf = (finding: Finding): string => {
    const path = paths.get(classOf(finding));
    return path === undefined ? reading.name : path === "" ? "the root" : path;
  };
  // What stands in the tree is what the model is made of; a function that rebuilds a part of it is not.
  const main = unknown.find((finding) => paths.get(classOf(finding)) !== undefined) ?? first;
  return trimaranError(
    "MODEL_UNSUPPORTED",
    { path: placeOf(main), what: showName(main.module, main.name), nearest: nearText(main.name) },
    { issues: unknown.map((finding) => unsupportedIssue(finding, placeOf(finding))) },
  );
}

function unsupportedIssue({ module, name }: Finding, place: string): Issue {
  const library = libraryOf(module, name);
  const of = library === undefined ? "" : ` of ${library}`;
  const message = `${place}: ${showName(module, name)}${of} is not supported${nearText(name)}`;
  return { path: "", code: "unsupported_class", message };
}

function classOf({ module, name }: Finding): string {
  return `${module}.${name}`;
}

function nearText(name: string): string {
  const nearest = nearestEstimator(name, estimatorTable);
  return nearest === "" ? "" : ` (near it: ${nearest})`;
}
