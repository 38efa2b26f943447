// Answers as MLflow and KServe write them: one output is the bare value, several are an object.
import type { Answers } from "../../serving/answers.ts";

/** One JSON text a row. */
export function bareTexts(answers: Answers): string[] {
  const texts = new Array<string>(answers.rowCount);
  const only = onlyName(answers);
  const start = only === undefined ? 0 : JSON.stringify(only).length + 2;
  for (let row = 0; row < answers.rowCount; row++) {
    const text = answers.text(row);
    // `{"name":` in front, `}` behind.
    texts[row] = only === undefined ? text : text.slice(start, -1);
  }
  return texts;
}

/** The name of the only output; undefined where there are several, or no rows to tell by. */
export function onlyName(answers: Answers): string | undefined {
  if (answers.rowCount === 0) return undefined;
  const names = Object.keys(answers.value(0));
  const [name] = names;
  // Rows of a definition may leave optional outputs out.
  for (let row = 1; names.length === 1 && row < answers.rowCount; row++) {
    const others = Object.keys(answers.value(row));
    if (others.length !== 1 || others[0] !== name) return undefined;
  }
  return names.length === 1 ? name : undefined;
}
