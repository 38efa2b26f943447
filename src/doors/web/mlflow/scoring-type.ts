// The Content-Type rules of MLflow's scoring server, in its order and its words.
import { trimaranError } from "../../../base/errors.ts";

/** @throws SCORING_MEDIA_TYPE, SCORING_TYPE_PARAMETERS */
export function scoringType(contentType: string | undefined): "json" | "csv" {
  if (contentType === "application/json") return "json";
  const [mime = "", ...pairs] = (contentType ?? "").split(";").map((part) => part.trim());
  const parameters = new Map(
    pairs
      .filter((pair) => pair !== "")
      .map((pair) => {
        const at = pair.indexOf("=");
        return at < 0 ? ([pair, ""] as const) : ([pair.slice(0, at), pair.slice(at + 1)] as const);
      }),
  );
  const charset = (parameters.get("charset") ?? "utf-8").toLowerCase().replace(/^"(.*)"$/, "$1");
  if (charset !== "utf-8" && charset !== "utf8") throw refusal("The scoring server only supports UTF-8");
  const unknown = [...parameters.keys()].filter((name) => name !== "charset");
  if (unknown.length > 0) throw trimaranError("SCORING_TYPE_PARAMETERS", { names: unknown.join(", ") });
  // Media types are compared without case.
  const type = mime.toLowerCase();
  if (type === "text/csv") return "csv";
  if (type === "application/json") return "json";
  const got = contentType === undefined ? "None" : `'${contentType}'`;
  throw refusal(
    `This predictor only supports the following content types: Types: ['text/csv', 'application/json']. Got ${got}.`,
  );
}

function refusal(problem: string): Error {
  return trimaranError("SCORING_MEDIA_TYPE", { problem });
}
