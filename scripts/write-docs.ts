// `npm run docs`: writes docs/cli.md from the commands, docs/errors.md from the error table, docs/models.md from the estimator table and the
// goldens, and docs/mlflow-compatibility.md from the table of endpoints and what the real clients call.
import { readFileSync, writeFileSync } from "node:fs";
import { errorTable } from "../src/base/error-table.ts";
import { estimatorTable } from "../src/formats/sklearn/estimator-table.ts";
import { answeredGoldens } from "./answered-goldens.ts";
import { cliDocs } from "./cli-docs.ts";
import { errorDocs } from "./error-docs.ts";
import { type ClientCalls, mlflowDocs } from "./mlflow-docs.ts";
import { modelDocs } from "./model-docs.ts";
import { root } from "./stage.ts";

writeFileSync(`${root}docs/cli.md`, cliDocs());
writeFileSync(`${root}docs/errors.md`, errorDocs(errorTable));
writeFileSync(`${root}docs/models.md`, modelDocs({ estimators: estimatorTable, goldens: answeredGoldens() }));
const calls = JSON.parse(readFileSync(`${root}test/e2e/mlflow-clients/called.json`, "utf8")) as ClientCalls;
writeFileSync(`${root}docs/mlflow-compatibility.md`, mlflowDocs(calls));
