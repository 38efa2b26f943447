// What a build has to install: the packages that run here, found as Node finds them, in the places where npm would put them.
import { existsSync, readFileSync, realpathSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { trimaranError } from "../../base/errors.ts";
import type { LockedPackage } from "../../packaging/locked-package.ts";

export interface InstalledPackage {
  readonly name: string;
  /** Its folder. */
  readonly folder: string;
  readonly manifest: Manifest;
}

export interface Manifest extends Omit<LockedPackage, "resolved" | "integrity" | "optional" | "bin"> {
  readonly name?: string;
  readonly bin?: string | Readonly<Record<string, string>>;
}

/** `resolved` and `integrity` of a package, where a lock file knows them. */
export type LockFacts = (name: string, version: string) => Pick<LockedPackage, "resolved" | "integrity">;

/** The package `name` as a module in `folder` would import it. @throws PACKAGE_DEPENDENCY */
export function findPackage(name: string, folder: string): InstalledPackage {
  const found = lookFor(name, folder);
  if (found === null) throw trimaranError("PACKAGE_DEPENDENCY", { name, importer: basename(folder) });
  return found;
}

export function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
}

/**
 * Every package below `roots`, by place. Of two versions of one package the first that is met lies on top; the other lies below
 * the one that needs it. A package's own dependencies get their places before those of its dependencies, so none is shadowed.
 *
 * @throws PACKAGE_DEPENDENCY
 */
export function lockedPackages(
  roots: readonly InstalledPackage[],
  facts: LockFacts,
): Readonly<Record<string, LockedPackage>> {
  const placed = [...placedPackages(roots)];
  return Object.fromEntries(placed.map(([place, installed]) => [place, lockedPackage(installed, facts)]));
}

/** The same as folders of this machine. @throws PACKAGE_DEPENDENCY */
export function placedPackages(roots: readonly InstalledPackage[]): ReadonlyMap<string, InstalledPackage> {
  const placed = new Map<string, InstalledPackage>();
  const queue: { readonly place: string; readonly installed: InstalledPackage }[] = [];
  const put = (place: string, installed: InstalledPackage): void => {
    placed.set(place, installed);
    queue.push({ place, installed });
  };
  for (const root of roots) put(`node_modules/${root.name}`, root);
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const { place, installed } = next;
    for (const needed of dependenciesOf(installed)) {
      const seen = visibleFrom(place, needed.name, placed);
      if (seen === null) put(`node_modules/${needed.name}`, needed);
      else if (seen.manifest.version !== needed.manifest.version) put(`${place}/node_modules/${needed.name}`, needed);
    }
  }
  return placed;
}

function lookFor(name: string, from: string): InstalledPackage | null {
  for (let at = realpathSync(from); ; at = dirname(at)) {
    const folder = join(at, "node_modules", name);
    if (existsSync(join(folder, "package.json"))) {
      const real = realpathSync(folder);
      return { name, folder: real, manifest: readManifest(real) };
    }
    if (at === dirname(at)) return null;
  }
}

function dependenciesOf({ name, folder, manifest }: InstalledPackage): readonly InstalledPackage[] {
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = manifest;
  const mayMiss = (each: string): boolean =>
    Object.hasOwn(optionalDependencies, each) || peerDependenciesMeta[each]?.optional === true;
  const names = new Set([
    ...Object.keys(dependencies),
    ...Object.keys(optionalDependencies),
    ...Object.keys(peerDependencies).filter((each) => !mayMiss(each)),
  ]);
  return [...names].sort().flatMap((each) => {
    const found = lookFor(each, folder);
    if (found === null && !mayMiss(each)) throw trimaranError("PACKAGE_DEPENDENCY", { name: each, importer: name });
    return found === null ? [] : [found];
  });
}

/** What Node would find for a package at `place`. */
function visibleFrom(
  place: string,
  name: string,
  placed: ReadonlyMap<string, InstalledPackage>,
): InstalledPackage | null {
  for (let at = place; ; at = at.slice(0, at.lastIndexOf("/node_modules/"))) {
    const found = placed.get(`${at}/node_modules/${name}`);
    if (found !== undefined) return found;
    if (!at.includes("/node_modules/")) return placed.get(`node_modules/${name}`) ?? null;
  }
}

function lockedPackage({ name, manifest }: InstalledPackage, facts: LockFacts): LockedPackage {
  const { version, bin, dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta } = manifest;
  const { engines, os, cpu, libc } = manifest;
  const bins = typeof bin === "string" ? { [name.replace(/^@[^/]+\//, "")]: bin } : bin;
  const all = { dependencies, optionalDependencies, peerDependencies, peerDependenciesMeta, bin: bins, engines };
  const known = Object.entries({ ...all, os, cpu, libc }).filter(([, value]) => value !== undefined);
  // What is made for one kind of machine is left out on others.
  const isBound = os !== undefined || cpu !== undefined;
  return { version, ...facts(name, version), ...Object.fromEntries(known), ...(isBound ? { optional: true } : {}) };
}

/**
 * The packages of `name` for all kinds of machines (`name-linux-x64`), in this version, as the lock file of a checkout has them. Those
 * for others are not installed here; a build leaves out what is not for its machine.
 */
export function platformPackages(root: string, name: string, wanted: string): Readonly<Record<string, LockedPackage>> {
  const file = join(root, "package-lock.json");
  if (!existsSync(file)) return {};
  const { packages = {} } = JSON.parse(readFileSync(file, "utf8")) as {
    readonly packages?: Readonly<Record<string, LockedPackage>>;
  };
  const facts = readLockFacts(root);
  const found = Object.entries(packages).filter(
    ([place, { version }]) => place.startsWith(`node_modules/${name}-`) && version === wanted,
  );
  return Object.fromEntries(
    found.map(([place, { version, os, cpu, libc }]) => {
      const bound = { ...(os === undefined ? {} : { os }), ...(cpu === undefined ? {} : { cpu }) };
      const known = facts(place.slice("node_modules/".length), version);
      return [place, { version, ...known, ...bound, ...(libc === undefined ? {} : { libc }), optional: true as const }];
    }),
  );
}

/** From the lock file of a checkout, or from the one that npm keeps in a `node_modules`. */
export function readLockFacts(root: string): LockFacts {
  const known = new Map<string, Pick<LockedPackage, "resolved" | "integrity">>();
  const places = [join(root, "package-lock.json"), join(root, "node_modules", ".package-lock.json")];
  const above = root.lastIndexOf(`${join("/", "node_modules", "/")}`);
  if (above >= 0) places.push(join(root.slice(0, above), "node_modules", ".package-lock.json"));
  for (const file of places.filter((each) => existsSync(each))) {
    const { packages = {} } = JSON.parse(readFileSync(file, "utf8")) as {
      readonly packages?: Readonly<Record<string, LockedPackage>>;
    };
    for (const [place, { version, resolved, integrity }] of Object.entries(packages)) {
      const name = place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);
      // A registry of this machine's owner is none of the image's business; the integrity holds for every copy.
      const isPublic = resolved?.startsWith("https://registry.npmjs.org/") === true;
      const facts = { ...(isPublic ? { resolved } : {}), ...(integrity === undefined ? {} : { integrity }) };
      const key = `${name}@${version}`;
      known.set(key, { ...known.get(key), ...facts });
    }
  }
  return (name, version) => known.get(`${name}@${version}`) ?? {};
}
