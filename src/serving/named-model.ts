// The models behind a definition: one, or several by name.
import type { ModelOrigin } from "../loaders/load-model.ts";
import type { Signature } from "../mlflow/signature.ts";
import type { Predictor } from "../model/predictor.ts";
import type { ModelIdentity } from "./prediction-service.ts";

export interface NamedModel {
  /** Its name in the definition's record of models; null where there is but one. */
  readonly name: string | null;
  readonly origin: ModelOrigin;
  readonly predictor: Predictor;
  /** What its MLmodel says of it. */
  readonly signature?: Signature | null;
}

/** What several models are called together: their versions by name, and a digest over their digests. */
export async function identityOf(models: readonly NamedModel[]): Promise<ModelIdentity> {
  const [first] = models;
  if (first !== undefined && first.name === null) {
    const { origin } = first;
    const { uri, digest } = origin;
    return {
      uri,
      digest,
      // A model behind a server learns its version from its answers.
      get version() {
        return origin.version;
      },
    };
  }
  const said = (of: (origin: ModelOrigin) => string | null): string[] =>
    models.flatMap(({ name, origin }) => {
      const value = of(origin);
      return value === null ? [] : [`${name}=${value}`];
    });
  const versions = said(({ version }) => version);
  const { createHash } = await import("node:crypto");
  const hash = createHash("sha256").update(said(({ digest }) => digest).join("\n"));
  return {
    uri: said(({ uri }) => uri).join(","),
    digest: `sha256:${hash.digest("hex")}`,
    version: versions.length === 0 ? null : versions.join(","),
  };
}
