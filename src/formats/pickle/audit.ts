// Decides whether the tree of a reading may be used: every name against a list of exact pairs, everything at once.
import type { AllowList } from "./allow-list.ts";
import type { GlobalUse, PickleReading } from "./reading.ts";
import { type Finding, forbiddenFinding, showName, untrustedError } from "./untrusted.ts";

/**
 * All findings of a reading, in the order of the file; also of a reading that broke off, up to where it did.
 * A name that the list has as `value` may not be called; a name with a dot is never in the list.
 */
export function auditPickle(reading: PickleReading, allowList: AllowList): readonly Finding[] {
  const findings = reading.forbidden.map(forbiddenFinding);
  for (const use of reading.globals) findings.push(...check(use, allowList, ""));
  for (const use of reading.trailingGlobals)
    findings.push(...check(use, allowList, ", in another pickle after the end"));
  if (reading.trailingBytes > 0) findings.push(trailing(reading));
  return findings.sort((a, b) => a.offset - b.offset);
}

/**
 * Refuses a reading that has any dangerous finding. Call it before `assertSound` and before the root is used.
 *
 * @throws PICKLE_UNTRUSTED with all findings as issues.
 */
export function assertTrusted(reading: PickleReading, allowList: AllowList, name: string): void {
  const findings = auditPickle(reading, allowList);
  if (findings.some((finding) => finding.severity === "danger")) throw untrustedError(name, findings);
}

function check(use: GlobalUse, allowList: AllowList, where: string): readonly Finding[] {
  const { module, name, offset } = use.global;
  const row = name.includes(".") ? undefined : allowList.find(module, name);
  const call = use.calls[0];
  if (row !== undefined && (row.use === "construct" || call === undefined)) return [];
  const shown = showName(module, name);
  const named =
    call === undefined
      ? `${use.opcode} at offset ${offset}`
      : `${call.opcode} at offset ${call.offset}; named at offset ${offset}`;
  const base = { severity: "danger", module, name, offset, opcode: call?.opcode ?? use.opcode } as const;
  if (row !== undefined) {
    return [
      { ...base, code: "PICKLE_CALL", what: `would have called ${shown}, which may only be named (${named})${where}` },
    ];
  }
  if (isNotebookCode(module)) {
    const what = `a Python function or class made in a notebook or script is inside (${shown}; ${named})${where}: move it into a module that can be imported, make it a class there, and save the model again`;
    return [{ ...base, code: "PICKLE_CODE", what }];
  }
  if (call === undefined) return [{ ...base, code: "PICKLE_NAME", what: `asks for ${shown} (${named})${where}` }];
  return [{ ...base, code: "PICKLE_CALL", what: `would have called ${shown} (${named})${where}` }];
}

// Only the words of a refusal depend on this: every name that comes here is refused.
function isNotebookCode(module: string): boolean {
  return module === "__main__" || /(^|\.)(cloudpickle|dill)(\.|$)/.test(module);
}

function trailing(reading: PickleReading): Finding {
  const { endOffset, trailingBytes } = reading;
  return {
    severity: "note",
    code: "PICKLE_TRAILING",
    module: "",
    name: "",
    offset: endOffset,
    opcode: "STOP",
    what: `${trailingBytes} more bytes follow the end of the pickle at offset ${endOffset}; Python does not read them`,
  };
}
