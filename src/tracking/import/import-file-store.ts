// Takes a file store of MLflow over into an empty database, once and in one transaction. Its files are read and never changed.
import { locationBelow, type TrackingStore } from "../store/tracking-store.ts";
import { importExperiment, importModelsOf, importRunsOf, planExperiments } from "./import-experiment.ts";
import { importRegistry } from "./import-registry.ts";
import { ImportReport } from "./import-report.ts";
import { StoreFolder } from "./store-folder.ts";

/** Null when the database holds experiments already: then nothing is read. @throws STORE_* */
export async function importFileStore(
  { database, now, artifactRoot }: TrackingStore,
  { folder, onProgress }: { readonly folder: string; readonly onProgress: (text: string) => void },
): Promise<ImportReport | null> {
  const isEmpty = "SELECT experiment_id FROM experiments LIMIT 1";
  if (database.isReadOnly || (await database.query(isEmpty)).length > 0) return null;
  return database.transaction(async (statements) => {
    // Another process may have been faster.
    if ((await statements.query(isEmpty)).length > 0) return null;
    const report = new ImportReport(onProgress);
    const root = new StoreFolder(folder, "", report);
    const plans = await planExperiments(root);
    for (const plan of plans) await importExperiment(statements, plan);
    if (!plans.some(({ number }) => number === 0)) {
      const isTaken = plans.some(({ name }) => name === "Default");
      const time = now();
      await statements.run(
        "INSERT INTO experiments (experiment_id, name, artifact_location, lifecycle_stage, creation_time, last_update_time) VALUES (0, ?, ?, 'active', ?, ?)",
        [isTaken ? "Default (0)" : "Default", locationBelow(artifactRoot, "0"), time, time],
      );
    }
    for (const plan of plans) await importRunsOf(statements, plan);
    for (const plan of plans) await importModelsOf(statements, plan);
    await importRegistry(statements, root.at("models"));
    return report;
  });
}

const maxTold = 1000;

/** What the user should know of it, a sentence each. */
export function importNotices(folder: string, report: ImportReport): readonly string[] {
  const { skipped, skippedMore, renumbered } = report;
  const told = skipped.map(({ path, problem }) => `Not imported: ${path || "."}: ${problem}.`);
  const more = skippedMore > 0 ? [`Not imported: ${skippedMore.toLocaleString("en")} more.`] : [];
  const numbers = [...renumbered]
    .slice(0, maxTold)
    .map(([id, number]) => `Experiment ${id} has the number ${number} now.`);
  return [
    `The file store ${folder} was imported: ${report.text()}. Its files stay as they are.`,
    ...numbers,
    ...told,
    ...more,
  ];
}
