// The `package.json` and `package-lock.json` of a build context: `npm ci` installs exactly what the packing machine ran.
import type { PackagedFiles, PackagePlan } from "./package-plan.ts";

type LockPlan = Pick<PackagePlan, "trimaran" | "packages" | "locked">;

export function npmFiles({ trimaran, packages, locked }: LockPlan): PackagedFiles {
  const { version, tarball } = trimaran;
  const wanted = { ...packages, trimaran: tarball === null ? version : `file:${tarball}` };
  const dependencies = Object.fromEntries(Object.entries(wanted).sort(byKey));
  const name = "trimaran-deployment";
  const lock = {
    name,
    lockfileVersion: 3,
    requires: true,
    packages: { "": { name, dependencies }, ...Object.fromEntries(Object.entries(locked).sort(byKey)) },
  };
  return {
    "package.json": jsonText({ name, private: true, type: "module", dependencies }),
    "package-lock.json": jsonText(lock),
  };
}

function byKey([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
