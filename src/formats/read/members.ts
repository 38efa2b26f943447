// A file may hold several parts: a dict (`{"model": …, "dv": …}`), or a tuple with more in it than steps. Which of them make the
// model is never guessed: the user names them, and here they are found.
import { type TrimaranError, trimaranError } from "../../base/errors.ts";
import { describeValue, isNode, type PyDict, type PyValue } from "../pickle/tree.ts";
import { splitClassName } from "../sklearn/estimator-table.ts";
import type { RecordFinder } from "../sklearn/read-estimator.ts";

export interface Member {
  /** The key, or of a tuple or a list the position. */
  readonly name: string;
  /** What it is, in words. */
  readonly holds: string;
  /** Whether it is an estimator that is read. */
  readonly isModel: boolean;
}

/** More members than this are not listed. */
const maxListed = 1000;

/** The parts of a root that has some, and is no model in itself; none otherwise. */
export function membersOf(root: PyValue, findRecord: RecordFinder): readonly Member[] {
  const members = partsOf(root)
    .slice(0, maxListed)
    .map(({ name, value }): Member => ({ name, ...describeMember(value, findRecord) }));
  const models = members.filter(({ isModel }) => isModel).length;
  // A bare tuple of estimators is a pipeline; a dict has no order, so it never is.
  const isPipeline = dictOf(root) === null && models === members.length;
  return models === 0 || isPipeline ? [] : members;
}

/** A part of a file that makes the model, or a step of it. */
export interface PickedPart {
  readonly value: PyValue;
  /** Where it stands: `['dv']`; `""` is the root. */
  readonly path: string;
}

/** The named parts, in the order in which they are named. @throws MEMBER_NOT_FOUND */
export function pickMembers(
  root: PyValue,
  names: readonly string[],
  at: { readonly name: string },
): readonly PickedPart[] {
  const parts = partsOf(root);
  return names.map((member) => {
    const part = parts.findLast((each) => each.name === member);
    if (part === undefined) throw notFound(root, member, at.name);
    return { value: part.value, path: dictOf(root) === null ? `[${member}]` : `['${member}']` };
  });
}

/** Makes (does not throw) the error of a file whose parts nobody named. */
export function memberNeeded(root: PyValue, members: readonly Member[], name: string): TrimaranError {
  const models = members.filter(({ isModel }) => isModel).map((member) => member.name);
  const listed = members.map((member) => `${member.name} (${member.holds})`).join(", ");
  return trimaranError("MEMBER_NEEDED", { name, what: describeValue(root), members: listed, models: models.join(",") });
}

interface Part {
  readonly name: string;
  readonly value: PyValue;
}

function partsOf(root: PyValue): readonly Part[] {
  const dict = dictOf(root);
  if (dict !== null) {
    return dict.keys.flatMap((key, index) =>
      typeof key === "string" ? [{ name: key, value: dict.values[index] ?? null }] : [],
    );
  }
  if (!isNode(root) || (root.kind !== "tuple" && root.kind !== "list")) return [];
  return root.items.map((value, index) => ({ name: String(index), value }));
}

function dictOf(root: PyValue): PyDict | null {
  if (!isNode(root)) return null;
  if (root.kind === "dict") return root;
  if (root.kind !== "object" || root.callee.module !== "collections") return null;
  return root.callee.name === "OrderedDict" || root.callee.name === "defaultdict" ? root.entries : null;
}

function describeMember(value: PyValue, findRecord: RecordFinder): Pick<Member, "holds" | "isModel"> {
  if (!isNode(value) || value.kind !== "object") return { holds: describeValue(value), isModel: false };
  const className = `${value.callee.module}.${value.callee.name}`;
  if (findRecord(className) === undefined) return { holds: describeValue(value), isModel: false };
  return { holds: splitClassName(className).name, isModel: true };
}

function notFound(root: PyValue, member: string, name: string): TrimaranError {
  const names = partsOf(root).map((part) => part.name);
  const members = names.length === 0 ? "none" : names.slice(0, 30).join(", ");
  return trimaranError("MEMBER_NOT_FOUND", { name, what: describeValue(root), member, members });
}
