// What a pickle may ask for: exact (module, name) pairs and how each may be used. The audit compares every global of a
// file with these rows; readers of higher floors contribute rows as plain tables. There is no prefix rule and no switch.

/**
 * - `value`: only named (a dtype class, a function that an estimator remembers)
 * - `construct`: a pure data constructor; also the callee of REDUCE, NEWOBJ, NEWOBJ_EX, OBJ and INST, and a target of BUILD
 */
export type AllowedUse = "value" | "construct";

export interface AllowedGlobal {
  readonly module: string;
  readonly name: string;
  readonly use: AllowedUse;
}

/** Exact lookup by module and name. */
export interface AllowList {
  find(module: string, name: string): AllowedGlobal | undefined;
}

/** Expands `{ module: "name name …" }` tables into one list; later rows may not contradict earlier ones. */
export function allowList(...tables: readonly (readonly AllowedGlobal[])[]): AllowList {
  const rows = new Map<string, Map<string, AllowedGlobal>>();
  for (const row of tables.flat()) {
    const names = rows.get(row.module) ?? new Map<string, AllowedGlobal>();
    const known = names.get(row.name);
    if (known === undefined || known.use === "value") names.set(row.name, row);
    rows.set(row.module, names);
  }
  return { find: (module, name) => rows.get(module)?.get(name) };
}

/** Rows for several names of one module. */
export function allow(module: string, use: AllowedUse, ...names: readonly string[]): readonly AllowedGlobal[] {
  return names.map((name) => ({ module, name, use }));
}
