// What every door calls: rows in, answers out. A service is a definition with its model, or a model alone.
import type { FeatureColumns } from "../data/batch.ts";
import type { ModelInput } from "../data/model-input.ts";
import type { OutputColumn } from "../data/predictions.ts";
import type { UnknownFields } from "../data/schema-row.ts";
import type { CheckReport } from "../deployment/check-features.ts";
import type { ResolvedDeployment } from "../deployment/resolved-deployment.ts";
import type { Signature } from "../mlflow/signature.ts";
import type { Answers } from "./answers.ts";

export interface AnswerOptions {
  /** Methods of a model that is served alone. A definition lists its own. */
  readonly methods?: readonly string[];
  /**
   * What happens to fields that the definition does not declare; the definition's own setting wins.
   * @default "ignore"
   */
  readonly unknownFields?: UnknownFields;
  /** The prediction's id: row i of several is `<id>/<i>`. Named in events; without it nothing is logged. */
  readonly id?: string;
  /** Whether the ids are one a row although there is one row (an array of one). @default rows.length > 1 */
  readonly numbered?: boolean;
  /** The ids of the rows, where they are not numbered from 0. */
  readonly idOf?: (row: number) => string;
  /** One bad row refuses all of them: then none is answered, and none is logged. @default false */
  readonly whole?: boolean;
  /** What keeps a caller with one version while versions share the traffic. @default the id */
  readonly stickyKey?: string;
  /** When the rows happened: now on the web, the event's time in a replay. @default now */
  readonly time?: Date;
  /** Ends what waits for others: a lookup, a remote model. */
  readonly signal?: AbortSignal;
}

/** The model behind a service. */
export interface ModelIdentity {
  /** As it was named: a path or a URI. */
  readonly uri: string;
  /** `sha256:` and 64 hex digits over the model's files. */
  readonly digest: string;
  /** The `model_version` of the contract: run ID, registry version, …; null when the model names none. */
  readonly version: string | null;
}

export interface NamedModelIdentity extends ModelIdentity {
  readonly name: string;
}

export interface PredictionService {
  readonly name: string;
  /** null: the model is served alone and speaks its own inputs. */
  readonly deployment: ResolvedDeployment | null;
  /** The definition's digest; null without a definition. */
  readonly definitionDigest: string | null;
  /** Of several models: what they are called together. */
  readonly model: ModelIdentity;
  /** Each model by its name in the definition; a single one is called as the service is. */
  readonly models: readonly NamedModelIdentity[];
  readonly input: ModelInput;
  /** What the MLmodel of a model served alone says of it. Without one, and with a definition, there is none. */
  readonly signature?: Signature | null;
  /** The rows that were logged with a model served alone; see `checkInputExample`. */
  readonly inputExample?: readonly unknown[];
  /** The methods that a model served alone answers, its default first. */
  readonly methods: readonly string[];
  /**
   * What each method of a model served alone answers, as a column of no rows: for its type and its width. A model that cannot say
   * it rejects.
   */
  readonly outputs?: () => Promise<Readonly<Record<string, OutputColumn>>>;
  /** The models behind a definition as services of their own, which share what is loaded; theirs is not to close. */
  readonly bare?: readonly PredictionService[];
  /**
   * Answers rows in order. A row that is malformed, or that the model's library would refuse, has issues and no answer;
   * the others answer.
   * @throws MODEL_METHOD, DEFINITION_FEATURES, DEFINITION_OUTPUT
   */
  answer(rows: readonly unknown[], options?: AnswerOptions): Promise<Answers>;
  /**
   * The same, at once where nothing has to be waited for: for a small model promises cost more than the answer. May throw where
   * `answer` would reject. A service without it is asked by `answer`.
   */
  readonly answerNow?: (rows: readonly unknown[], options?: AnswerOptions) => Answers | Promise<Answers>;
  /** Features of many rows as columns, of a model served alone. A service without it is asked by rows. */
  readonly answerColumns?: (columns: FeatureColumns, options?: AnswerOptions) => Answers | Promise<Answers>;
  /** The definition against its model: examples, determinism, feature names on both sides. Without a definition: nothing. */
  check(): Promise<CheckReport>;
  close(): Promise<void>;
}

/** The answers at once, where the service has them. */
export function answerSoon(
  service: Pick<PredictionService, "answer" | "answerNow">,
  rows: readonly unknown[],
  options: AnswerOptions,
): Answers | Promise<Answers> {
  return service.answerNow === undefined ? service.answer(rows, options) : service.answerNow(rows, options);
}

/** The id of one of the rows of a call. @returns undefined where the call has none */
export function rowId({ id, idOf, numbered }: AnswerOptions, row: number, rows: number): string | undefined {
  if (idOf !== undefined) return idOf(row);
  return id === undefined || !(numbered ?? rows > 1) ? id : `${id}/${row}`;
}
