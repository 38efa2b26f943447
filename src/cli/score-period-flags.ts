// The flags of `trimaran score` for many periods at once, and for what was scored before.
import type { Flag } from "./flag.ts";

export const scorePeriodFlags: readonly Flag[] = [
  {
    name: "backfill",
    value: "FROM..TO",
    type: "text",
    says: "score every period of a range, both ends included, such as 2021-03..2022-04: days, months or years, as the places of the URLs are. What is done is left, what failed is noted and the rest goes on; a table at the end",
  },
  {
    name: "parallel",
    value: "N",
    type: "count",
    says: "how many periods of a backfill are under way at once; they share the threads. Without it one",
  },
  {
    name: "since",
    value: "manifest|nothing",
    type: "choice",
    choices: ["manifest", "nothing"],
    says: "manifest: leave what its manifest says was made of the same inputs, model and definition; nothing: score it again. Without it manifest for --backfill, else nothing",
  },
  {
    name: "slice",
    value: "COLUMN",
    type: "names",
    says: "cut the back-test by a column of the output; repeatable. There is a back-test whenever the output holds the truth beside an answer; it is told, kept in the manifest and logged to the MLflow run of the model version",
  },
];
