// MLflow's schema: the head that new files are made at, all tables of it, those that we use, and the revisions we know.
import { columnNames, type Table } from "./table.ts";
import { loggedModelsTables } from "./tables/logged-models.ts";
import { newestTables } from "./tables/newest.ts";
import { othersTables } from "./tables/others.ts";
import { registryTables } from "./tables/registry.ts";
import { runsTables } from "./tables/runs.ts";
import { tracesTables } from "./tables/traces.ts";

/** MLflow 3.18. */
export const headRevision = "f4a9b2c7d1e6";

export const mlflowTables: Readonly<Record<string, Table>> = {
  ...runsTables,
  ...registryTables,
  ...loggedModelsTables,
  ...tracesTables,
  ...othersTables,
  ...newestTables,
};

/** Triggers, and the row that every file has. */
export const furtherStatements: readonly string[] = [
  `CREATE TRIGGER prevent_secrets_aad_mutation BEFORE UPDATE ON secrets FOR EACH ROW WHEN OLD.secret_id != NEW.secret_id OR OLD.secret_name != NEW.secret_name BEGIN SELECT RAISE(ABORT, 'secret_id and secret_name are immutable (used as AAD in encryption)'); END`,
  "INSERT INTO workspaces (name, description) VALUES ('default', 'Default workspace for legacy resources')",
  `INSERT INTO alembic_version (version_num) VALUES ('${headRevision}')`,
];

/** Newer files than 3.6's have it; we live in the workspace that is its default, so we do not need it. */
const notNeeded: ReadonlySet<string> = new Set(["workspace"]);

/** What we read and write: table → columns. */
export const usedTables: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({ ...runsTables, ...registryTables, ...loggedModelsTables, ...tracesTables })
    .filter(([name]) => name !== "workspaces" && name !== "online_scoring_configs")
    .map(([name, table]) => [name, columnNames(table).filter((column) => !notNeeded.has(column))]),
);

/** Used as they are, from 3.6's to the head: what was added between is in features that say so when it is missing. */
export const usableRevisions: ReadonlySet<string> = new Set(
  `bf29a5ff90ea 1bd49d398cd23 b7c8d9e0f1a2 5d2d30f0abce c9d4e5f6a7b8 2c33131f4dae d3e4f5a6b7c8 d0e1f2a3b4c5 c8d9e0f1a2b3
1b5f0d9ad7c1 e1f2a3b4c5d6 76601a5f987d c3d6457b6d8a a5b4c3d2e1f0 ae8bbe7743c9 7d34483879f0 da6fb0208061 89d3d66ed43f
b7e4c1a90f23 a8b9c0d1e2f3 c1d2e3f4a5b6 c3d9e7f1a2b4 6f8d9c3b2a1e 1971f2d9a75b 17e22815139b b7e2c1a4d9f3 75868b020152
dc11669786a5 e7d1f4b2a9c6 8b6ad64cb8f5 f4a9b2c7d1e6`.split(/\s+/),
);

/** Every revision before 3.6's, oldest first. */
export const olderRevisions: ReadonlySet<string> = new Set(
  `451aebb31d03 90e64c465722 181f10493468 df50e92ffc5e 7ac759974ad8 89d4b8295536 2b4d017a5e9b cfd24bdc0731 0a8213491aaa
728d730b5ebd 27a6a02d2cf1 84291f40a231 a8c4a736bde6 39d1c3be5f05 c48cb773bb87 bd07f7e963c5 0c779009ac13 cc1f77228345
97727af70f4d 3500859a5d39 7f2a7d5fae7d 2d6e25af4d3e acf3f17fdcc7 867495a8f9d4 5b0e9adcef9c 4465047574b1 f5a4f2784254
0584bdc529eb 400f98739977 6953534de441 bda7b8c39065 cbc13b556ace 770bee3ae1dd a1b2c3d4e5f6 de4033877273 1a0cddfcaa16
534353b11cbc 71994744cf8e 3da73c924c2f`.split(/\s+/),
);
