// `npm run build`: src/ to dist/, bundles of JavaScript, declarations, and the files of pages; what the published package holds.
import { cpSync, rmSync } from "node:fs";
import { bundle } from "./bundle.ts";
import { root, runStage } from "./stage.ts";

rmSync(`${root}dist`, { recursive: true, force: true });
const built = await runStage({ name: "build", commands: [["tsc", "-p", "tsconfig.build.json", "--pretty", "false"]] });
if (built.ok) await bundle(`${root}dist`);
cpSync(`${root}src/ui`, `${root}dist/ui`, { recursive: true, filter: (path) => !path.endsWith("tsconfig.json") });
process.exitCode = built.ok ? 0 : 1;
