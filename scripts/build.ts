// `npm run build`: src/ to dist/, JavaScript and declarations; what the published package holds.
import { rmSync } from "node:fs";
import { root, runStage } from "./stage.ts";

rmSync(`${root}dist`, { recursive: true, force: true });
const built = await runStage({ name: "build", commands: [["tsc", "-p", "tsconfig.build.json", "--pretty", "false"]] });
process.exitCode = built.ok ? 0 : 1;
