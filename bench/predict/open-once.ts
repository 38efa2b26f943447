// One model read in a new process: `node open-once.ts FILE`. What counts is the time from its start to its end.
import { readFileSync } from "node:fs";
import { readModel } from "../../src/formats/read/read-model.ts";

const file = process.argv[2] ?? "";
readModel([{ kind: "file", name: file, bytes: readFileSync(file) }]);
