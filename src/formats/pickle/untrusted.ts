// How findings become the one error of a file that is refused.
import { type Issue, type TrimaranError, trimaranError } from "../../base/errors.ts";
import type { ForbiddenUse } from "./reading.ts";

/**
 * - `PICKLE_CALL`: would call a name that may not be called
 * - `PICKLE_NAME`: asks for a name that is not in the list
 * - `PICKLE_CODE`: holds a Python function or class that is not importable
 * - `PICKLE_FORBIDDEN`: does what no list can permit
 * - `PICKLE_TRAILING`: goes on after its end
 */
export type FindingCode = "PICKLE_CALL" | "PICKLE_NAME" | "PICKLE_CODE" | "PICKLE_FORBIDDEN" | "PICKLE_TRAILING";

/**
 * One thing that the audit found. A danger refuses the file, and so does an `unsupported` one: a class that is only not known,
 * which a reader of models may call so. A note refuses nothing.
 */
export interface Finding {
  readonly severity: "danger" | "unsupported" | "note";
  readonly code: FindingCode;
  /** Empty when the finding is about no name. */
  readonly module: string;
  readonly name: string;
  /** Where the name is first named; otherwise where the opcode stands. */
  readonly offset: number;
  /** The opcode that calls the name, or that names it. */
  readonly opcode: string;
  /** A sentence without a full stop and without values. */
  readonly what: string;
}

export function forbiddenFinding(use: ForbiddenUse): Finding {
  const { opcode, offset } = use;
  return {
    severity: "danger",
    code: "PICKLE_FORBIDDEN",
    module: "",
    name: "",
    offset,
    opcode,
    what: `${use.what}, at offset ${offset}`,
  };
}

export function forbiddenError(name: string, forbidden: readonly ForbiddenUse[]): TrimaranError {
  return untrustedError(name, forbidden.map(forbiddenFinding));
}

/** Makes (does not throw) PICKLE_UNTRUSTED; its issues are all findings, dangers first. */
export function untrustedError(name: string, findings: readonly Finding[]): TrimaranError {
  const dangers = findings.filter((finding) => finding.severity === "danger");
  const notes = findings.filter((finding) => finding.severity !== "danger");
  const first = dangers[0];
  const issues = [...dangers, ...notes].map(
    (finding): Issue => ({ path: "", code: finding.code, message: finding.what }),
  );
  const thing = first === undefined ? "" : `${nameOf(first)} at offset ${first.offset}`;
  return trimaranError("PICKLE_UNTRUSTED", { name, count: dangers.length, first: thing }, { issues });
}

function nameOf(finding: Finding): string {
  return finding.module === "" ? finding.opcode : showName(finding.module, finding.name);
}

/** A dotted name as text: anything but printable ASCII is escaped, so that look-alikes show, and long names are cut. */
export function showName(module: string, name: string): string {
  return `${showPart(module)}.${showPart(name)}`;
}

const maxPart = 100;

function showPart(text: string): string {
  const shown = text
    .slice(0, maxPart)
    .replace(/[^!-~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
  return text.length > maxPart ? `${shown}…` : shown;
}
