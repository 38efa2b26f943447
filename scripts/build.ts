// `npm run build`: src/ to dist/, JavaScript and declarations, and the files of pages; what the published package holds.
import { cpSync, rmSync } from "node:fs";
import { root, runStage } from "./stage.ts";

rmSync(`${root}dist`, { recursive: true, force: true });
const built = await runStage({ name: "build", commands: [["tsc", "-p", "tsconfig.build.json", "--pretty", "false"]] });
cpSync(`${root}src/ui`, `${root}dist/ui`, { recursive: true, filter: (path) => !path.endsWith("tsconfig.json") });
process.exitCode = built.ok ? 0 : 1;
