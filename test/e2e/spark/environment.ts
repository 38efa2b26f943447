// PySpark from pip in the tests' cache, and a Java for it; suites skip by name where they cannot be had.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { findPythonEnvironment, makePythonEnvironment, type PythonPins } from "../../../scripts/python-environment.ts";

const pins: PythonPins = {
  name: "spark",
  python: "3.12",
  pins: ["pyspark==4.3.0", "pyarrow==23.0.0", "pandas==2.3.3", "setuptools==80.9.0"],
  fromSource: ["pyspark"],
};

export interface SparkEnvironment {
  readonly python: string;
  /** pip's pyspark: `bin/spark-submit` lies in it. */
  readonly home: string;
}

/** Its reason where there is none. */
export async function sparkEnvironment(): Promise<SparkEnvironment | string> {
  const java = process.env["JAVA_HOME"] ? join(process.env["JAVA_HOME"], "bin", "java") : "java";
  try {
    execFileSync(java, ["-version"], { stdio: "ignore" });
  } catch {
    return "there is no Java: `apt-get install openjdk-17-jre-headless`";
  }
  const python = findPythonEnvironment(pins) ?? (await makePythonEnvironment(pins).catch(() => null));
  if (python === null) return "pip cannot install pyspark here";
  const lib = join(dirname(dirname(python)), "lib");
  const home = readdirSync(lib)
    .map((name) => join(lib, name, "site-packages", "pyspark"))
    .find((path) => existsSync(path));
  return home === undefined ? "pip's pyspark is not where it should be" : { python, home };
}

/** A home whose folder `work`, where executors unpack archives, is the test's own. */
export function ownSparkHome({ home }: SparkEnvironment, folder: string): string {
  const own = join(folder, "spark-home");
  mkdirSync(own);
  for (const name of readdirSync(home)) if (name !== "work") symlinkSync(join(home, name), join(own, name));
  return own;
}
