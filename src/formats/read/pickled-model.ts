// Pickle, joblib and skops files, compressed or not → inert root. Audited against everything that a known model may name.
import type { TrimaranError } from "../../base/errors.ts";
import { sniffArchive } from "../archive/sniff.ts";
import { scanJoblib } from "../numpy/joblib-file.ts";
import { numpyNames } from "../numpy/numpy-names.ts";
import { scanSkops } from "../numpy/skops.ts";
import { type AllowedGlobal, type AllowList, allow, allowList } from "../pickle/allow-list.ts";
import { auditPickle } from "../pickle/audit.ts";
import { pythonNames } from "../pickle/python-names.ts";
import type { PickleReading } from "../pickle/reading.ts";
import type { PyValue } from "../pickle/tree.ts";
import type { Finding } from "../pickle/untrusted.ts";
import { sklearnNames, splitClassName } from "../sklearn/estimator-table.ts";
import { type ModelFacts, noFacts } from "./model-facts.ts";
import { pickleLimits, type ReadLimits } from "./read-limits.ts";
import { customClasses, type ReadOptions } from "./read-options.ts";
import { gradeFindings, refusalOf } from "./refusal.ts";
import { writtenVersions } from "./written-versions.ts";

export interface PickledModel {
  /** Undefined when there is a problem. */
  readonly root: PyValue | undefined;
  readonly problem: TrimaranError | null;
  readonly findings: readonly Finding[];
  readonly facts: ModelFacts;
}

/** Never throws for what is in the file: a refused one still tells its findings. */
export function readPickledModel(bytes: Uint8Array, name: string, options: ReadOptions = {}): PickledModel {
  const { reading, format } = scanContainer(bytes, name, options.limits);
  const own = customNames(options);
  const names = own.length === 0 ? modelNames : allowList(pythonNames, numpyNames, sklearnNames, own);
  const findings = gradeFindings(auditPickle(reading, names), reading);
  const problem = refusalOf(reading, findings);
  const modelClasses = own.length === 0 ? sklearnClasses : allowList(sklearnNames, own);
  const classes = reading.globals
    .filter(({ global }) => modelClasses.find(global.module, global.name) !== undefined)
    .map(({ global }) => `${global.module}.${global.name}`);
  const versions = reading.root === undefined ? {} : writtenVersions(reading.root);
  const notes = findings.filter((finding) => finding.severity === "note").map((finding) => finding.what);
  return {
    root: problem === null ? reading.root : undefined,
    problem,
    findings,
    facts: {
      ...noFacts,
      format,
      protocol: format === "skops" ? null : reading.protocol,
      classes: [...new Set(classes)],
      versions,
      notes,
    },
  };
}

/** The classes of a definition, for this file only; like all others they are data, never called. */
function customNames(options: ReadOptions): readonly AllowedGlobal[] {
  return customClasses(options).flatMap((className) => {
    const { module, name } = splitClassName(className);
    return allow(module, "construct", name);
  });
}

/** Every container of Python objects gives the same inert tree and the same list of names. */
function scanContainer(
  bytes: Uint8Array,
  name: string,
  limits: ReadLimits = {},
): { reading: PickleReading; format: string } {
  const { maxDecompressedBytes, maxMembers, maxNodes, maxDepth } = limits;
  if (sniffArchive(bytes) === "zip") {
    return { reading: scanSkops(bytes, { name, maxDecompressedBytes, maxNodes, maxDepth }), format: "skops" };
  }
  const pickle = pickleLimits(limits);
  const { reading, compression, joblib } = scanJoblib(bytes, {
    name,
    maxDecompressedBytes,
    maxMembers,
    limits: pickle,
  });
  return { reading, format: `${joblib ? "joblib" : "pickle"}${compression === null ? "" : `+${compression}`}` };
}

const modelNames: AllowList = allowList(pythonNames, numpyNames, sklearnNames);
const sklearnClasses: AllowList = allowList(sklearnNames);
