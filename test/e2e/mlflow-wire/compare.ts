// Prints where our answers differ from MLflow's: `node test/e2e/mlflow-wire/compare.ts`.
import { openSides } from "./both-servers.ts";
import { wireCases } from "./cases.ts";
import { problemOf } from "./same-answer.ts";
import { titleOf } from "./wire-case.ts";

await using sides = await openSides();
let differences = 0;
for (const asked of wireCases) {
  const problem = problemOf(titleOf(asked), await sides.theirs.ask(asked), await sides.ours.ask(asked));
  if (problem === null) continue;
  differences++;
  console.log(`${titleOf(asked)}\n  ${problem}`);
}
console.log(`${wireCases.length} requests, ${differences} answered in another way`);
for (const failure of sides.failures) console.log(failure);
