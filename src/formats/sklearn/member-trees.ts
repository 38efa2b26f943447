// The fitted trees inside of an ensemble, each with the object that holds it.
import type { PyValue } from "../pickle/tree.ts";
import type { Opener } from "./estimator.ts";
import { attribute, attributeError, type Instance, itemsOf, pathOf } from "./instance.ts";
import { type FittedTree, readTree } from "./tree.ts";

export interface MemberTree {
  readonly instance: Instance;
  readonly tree: FittedTree;
  readonly path: string;
}

/** Every tree of `estimators_`, in order. @throws MODEL_ATTRIBUTE when there is none */
export function memberTrees(self: Instance, opener: Opener): readonly MemberTree[] {
  return memberItems(self).map((item, index) =>
    memberTree(item, `${pathOf(self, "estimators_")}[${index}]`, { self, opener }),
  );
}

export function memberTree(
  item: PyValue | undefined,
  path: string,
  { self, opener }: { self: Instance; opener: Opener },
): MemberTree {
  const { instance } = opener.open(item, path, self);
  return { instance, tree: readTree(attribute(instance, "tree_"), `${path}.tree_`), path };
}

/** The first object of `estimators_`, whose rules hold for all. */
export function firstMember(self: Instance, opener: Opener): Instance {
  return opener.open(memberItems(self)[0], `${pathOf(self, "estimators_")}[0]`, self).instance;
}

export function memberItems(self: Instance): readonly PyValue[] {
  const items = itemsOf(self, "estimators_");
  if (items.length === 0) throw attributeError(self, "estimators_", "it is empty");
  return items;
}
