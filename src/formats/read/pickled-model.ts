// Pickle, joblib and skops files, compressed or not → inert root. Audited against everything that a known model may name.
import { type TrimaranError, trimaranError } from "../../base/errors.ts";
import { sniffArchive } from "../archive/sniff.ts";
import { scanJoblib } from "../numpy/joblib-file.ts";
import { numpyNames } from "../numpy/numpy-names.ts";
import { scanSkops } from "../numpy/skops.ts";
import { type AllowList, allowList } from "../pickle/allow-list.ts";
import { auditPickle } from "../pickle/audit.ts";
import { pythonNames } from "../pickle/python-names.ts";
import type { PickleReading } from "../pickle/reading.ts";
import type { PyValue } from "../pickle/tree.ts";
import { type Finding, untrustedError } from "../pickle/untrusted.ts";
import { estimatorTable, sklearnNames } from "../sklearn/estimator-table.ts";
import { nearestEstimator } from "../sklearn/nearest.ts";
import type { ModelFacts } from "./model-facts.ts";
import { libraryOf } from "./other-libraries.ts";
import { writtenVersions } from "./written-versions.ts";

export interface PickledModel {
  /** Undefined when there is a problem. */
  readonly root: PyValue | undefined;
  readonly problem: TrimaranError | null;
  readonly findings: readonly Finding[];
  readonly facts: ModelFacts;
}

/** Never throws for what is in the file: a refused one still tells its findings. */
export function readPickledModel(bytes: Uint8Array, name: string): PickledModel {
  const { reading, format } = scanContainer(bytes, name);
  const findings = auditPickle(reading, modelNames);
  const problem = refusal(reading, findings, name);
  const classes = reading.globals
    .filter(({ global }) => sklearnClasses.find(global.module, global.name) !== undefined)
    .map(({ global }) => `${global.module}.${global.name}`);
  const versions = reading.root === undefined ? {} : writtenVersions(reading.root);
  const notes = findings.filter((finding) => finding.severity === "note").map((finding) => finding.what);
  return {
    root: problem === null ? reading.root : undefined,
    problem,
    findings,
    facts: {
      format,
      protocol: format === "skops" ? null : reading.protocol,
      classes: [...new Set(classes)],
      versions,
      mlmodel: null,
      notes,
    },
  };
}

/** Every container of Python objects gives the same inert tree and the same list of names. */
function scanContainer(bytes: Uint8Array, name: string): { reading: PickleReading; format: string } {
  if (sniffArchive(bytes) === "zip") return { reading: scanSkops(bytes, { name }), format: "skops" };
  const { reading, compression, joblib } = scanJoblib(bytes, { name });
  return { reading, format: `${joblib ? "joblib" : "pickle"}${compression === null ? "" : `+${compression}`}` };
}

const modelNames: AllowList = allowList(pythonNames, numpyNames, sklearnNames);
const sklearnClasses: AllowList = allowList(sklearnNames);

/** Why a reading may not be used: dangers first, then classes that are not known, then a damaged stream. */
function refusal(reading: PickleReading, findings: readonly Finding[], name: string): TrimaranError | null {
  const dangers = findings.filter((finding) => finding.severity === "danger");
  const harmful = dangers.filter((finding) => libraryOf(finding.module, finding.name) === undefined);
  if (harmful.length > 0) return untrustedError(name, findings);
  if (reading.problem !== null) return reading.problem;
  const [first] = dangers;
  if (first === undefined) return null;
  return trimaranError(
    "MODEL_UNSUPPORTED",
    { path: name, what: `${first.module}.${first.name}`, nearest: nearText(first.name) },
    { issues: dangers.map(({ module, name: className }) => unsupportedIssue(module, className)) },
  );
}

function unsupportedIssue(module: string, name: string): { path: string; code: string; message: string } {
  const message = `${module}.${name} of ${libraryOf(module, name) ?? module} is not supported${nearText(name)}`;
  return { path: "", code: "unsupported_class", message };
}

function nearText(name: string): string {
  const nearest = nearestEstimator(name, estimatorTable);
  return nearest === "" ? "" : ` (near it: ${nearest})`;
}
