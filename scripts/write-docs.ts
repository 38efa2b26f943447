// `npm run docs`: writes docs/cli.md from the commands, docs/errors.md from the error table, and docs/models.md from the estimator table and the goldens.
import { writeFileSync } from "node:fs";
import { errorTable } from "../src/base/error-table.ts";
import { estimatorTable } from "../src/formats/sklearn/estimator-table.ts";
import { answeredGoldens } from "./answered-goldens.ts";
import { cliDocs } from "./cli-docs.ts";
import { errorDocs } from "./error-docs.ts";
import { modelDocs } from "./model-docs.ts";
import { root } from "./stage.ts";

writeFileSync(`${root}docs/cli.md`, cliDocs());
writeFileSync(`${root}docs/errors.md`, errorDocs(errorTable));
writeFileSync(`${root}docs/models.md`, modelDocs({ estimators: estimatorTable, goldens: answeredGoldens() }));
