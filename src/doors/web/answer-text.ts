// Answers → the text of a reply, by gluing texts that the service wrote: no object is built to be written out again.
import type { Warning } from "../../data/batch.ts";
import type { Answers } from "../../serving/answers.ts";

/** The output object of a row with `model_version` as its last member, where there is a version. */
export function rowText(answers: Answers, row: number): string {
  const text = answers.text(row);
  if (answers.modelVersion === null) return text;
  const version = `"model_version":${JSON.stringify(answers.modelVersion)}}`;
  return text === "{}" ? `{${version}` : `${text.slice(0, -1)},${version}`;
}

export function rowsText(answers: Answers): string {
  const rows = new Array<string>(answers.rowCount);
  for (let row = 0; row < answers.rowCount; row++) rows[row] = rowText(answers, row);
  return `[${rows.join(",")}]`;
}

/** `?meta=true`: the output as it is, and beside it what is known about it. */
export function metaText(answers: Answers, predictionId: string): string {
  const meta = {
    ...(answers.modelVersion === null ? {} : { model_version: answers.modelVersion }),
    prediction_id: predictionId,
    warnings: answers.warnings.map(({ code, field, count }): Warning => ({ code, field, count })),
  };
  return `{"output":${answers.text(0)},"meta":${JSON.stringify(meta)}}`;
}
