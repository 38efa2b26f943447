// Scorers: serialized judges of an experiment, in versions.
import { randomUUID } from "node:crypto";
import type { SqlRow, Statements } from "../../io/sql/database.ts";
import type { MessageInput } from "../../mlflow/wire/field-type.ts";
import { assertLength } from "../../mlflow/wire/limits.ts";
import { invalidParameter, WireError } from "../../mlflow/wire/wire-error.ts";
import { activeExperimentRow, experimentNumber } from "../store/experiments.ts";
import { numberOf, optionalNumber, queryIn, textOf } from "../store/rows.ts";
import type { Handlers } from "./handler.ts";

type Names = "registerScorer" | "listScorers" | "listScorerVersions" | "getScorer" | "deleteScorer";

const columns =
  "s.experiment_id, s.scorer_name, s.scorer_id, v.scorer_version, v.serialized_scorer, v.creation_time FROM scorers s JOIN scorer_versions v ON v.scorer_id = s.scorer_id";

export const scorerHandlers: Handlers<Names> = {
  registerScorer: async ({ experiment_id, name, serialized_scorer }, { store }) => {
    if (name.trim() === "") throw invalidParameter("Scorer name cannot be empty or contain only whitespace.");
    assertLength(name, { path: "name", max: 256 });
    assertJson(serialized_scorer);
    const row = await store.database.transaction(async (statements) => {
      await activeExperimentRow(statements, experiment_id);
      const experiment = experimentNumber(experiment_id);
      await statements.run(
        "INSERT INTO scorers (experiment_id, scorer_name, scorer_id) VALUES (?, ?, ?) ON CONFLICT DO NOTHING",
        [experiment, name, randomUUID()],
      );
      const [scorer = {}] = await statements.query(
        `SELECT scorer_id FROM scorers WHERE experiment_id = ? AND scorer_name = ?${statements.lock}`,
        [experiment, name],
      );
      const id = textOf(scorer, "scorer_id");
      const [newest = {}] = await statements.query(
        "SELECT MAX(scorer_version) AS newest FROM scorer_versions WHERE scorer_id = ?",
        [id],
      );
      await statements.run(
        "INSERT INTO scorer_versions (scorer_id, scorer_version, serialized_scorer, creation_time) VALUES (?, ?, ?, ?)",
        [id, numberOf(newest, "newest") + 1, serialized_scorer, store.now()],
      );
      return (await versionsOf(statements, { experimentId: experiment_id, name })).at(-1) ?? {};
    });
    const { scorer_version, scorer_id, creation_time } = scorerAnswer(row);
    return { version: scorer_version, scorer_id, experiment_id, name, serialized_scorer, creation_time };
  },
  listScorers: async ({ experiment_id, experiment_ids }, { store }) => {
    const ids = [...new Set([...(experiment_id ? [experiment_id] : []), ...experiment_ids])];
    if (experiment_id) await activeExperimentRow(store.database, experiment_id);
    const rows = await queryIn(
      store.database,
      `SELECT ${columns} WHERE s.experiment_id IN (#) AND v.scorer_version = (SELECT MAX(w.scorer_version) FROM scorer_versions w WHERE w.scorer_id = s.scorer_id) ORDER BY s.experiment_id, s.scorer_name`,
      { ids: ids.map(experimentNumber) },
    );
    return { scorers: rows.map(scorerAnswer) };
  },
  listScorerVersions: async ({ experiment_id: experimentId, name }, { store }) => {
    await activeExperimentRow(store.database, experimentId);
    const rows = await versionsOf(store.database, { experimentId, name });
    if (rows.length === 0) throw notFound({ experimentId, name });
    return { scorers: rows.map(scorerAnswer) };
  },
  getScorer: async ({ experiment_id: experimentId, name, version }, { store }) => {
    await activeExperimentRow(store.database, experimentId);
    const rows = await versionsOf(store.database, { experimentId, name });
    const row = version === undefined ? rows.at(-1) : rows.find((each) => numberOf(each, "scorer_version") === version);
    if (row === undefined) throw notFound({ experimentId, name, version });
    return { scorer: scorerAnswer(row) };
  },
  deleteScorer: async ({ experiment_id: experimentId, name, version }, { store }) => {
    await store.database.transaction(async (statements) => {
      await activeExperimentRow(statements, experimentId);
      const rows = await versionsOf(statements, { experimentId, name });
      const gone = rows.filter((row) => version === undefined || numberOf(row, "scorer_version") === version);
      if (gone[0] === undefined) throw notFound({ experimentId, name, version });
      const id = textOf(gone[0], "scorer_id");
      for (const row of gone) {
        const key = [id, numberOf(row, "scorer_version")];
        await statements.run("DELETE FROM scorer_versions WHERE scorer_id = ? AND scorer_version = ?", key);
      }
      if (version === undefined) await statements.run("DELETE FROM scorers WHERE scorer_id = ?", [id]);
    });
    return {};
  },
};

interface Wanted {
  readonly experimentId: string;
  readonly name: string;
  readonly version?: number | undefined;
}

/** The newest last. */
function versionsOf(statements: Statements, { experimentId, name }: Wanted): Promise<readonly SqlRow[]> {
  return statements.query(
    `SELECT ${columns} WHERE s.experiment_id = ? AND s.scorer_name = ? ORDER BY v.scorer_version`,
    [experimentNumber(experimentId), name],
  );
}

function scorerAnswer(row: SqlRow): MessageInput<"Scorer"> {
  return {
    experiment_id: numberOf(row, "experiment_id"),
    scorer_name: textOf(row, "scorer_name"),
    scorer_version: numberOf(row, "scorer_version"),
    serialized_scorer: textOf(row, "serialized_scorer"),
    creation_time: optionalNumber(row, "creation_time"),
    scorer_id: textOf(row, "scorer_id"),
  };
}

function notFound({ experimentId, name, version }: Wanted): WireError {
  const which = version === undefined ? "" : ` and version ${version}`;
  const shown = name.slice(0, 256);
  return new WireError(
    "RESOURCE_DOES_NOT_EXIST",
    `Scorer with name '${shown}'${which} not found for experiment ${experimentId}.`,
  );
}

function assertJson(text: string): void {
  try {
    JSON.parse(text);
  } catch {
    throw invalidParameter("Parameter 'serialized_scorer' must be JSON.");
  }
}
