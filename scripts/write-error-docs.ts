// `npm run docs`: writes docs/errors.md from the error table.
import { writeFileSync } from "node:fs";
import { errorTable } from "../src/base/error-table.ts";
import { errorDocs } from "./error-docs.ts";
import { root } from "./stage.ts";

writeFileSync(`${root}docs/errors.md`, errorDocs(errorTable));
