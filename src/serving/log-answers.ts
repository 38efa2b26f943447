// From answered calls to prediction events: what a slot tells of its answers becomes what the prediction log keeps.
import type { EventDoor, EventRow } from "../feedback/feedback-event.ts";
import type { LoggedCall, LogSource, PredictionLog } from "../feedback/prediction-log.ts";
import { type PredictionService, rowId } from "./prediction-service.ts";
import type { AnsweredEvent, AnsweredListener, ServingRole } from "./slot/slot-event.ts";

export interface LogAnswersOptions {
  readonly door: EventDoor;
  /** Whether what this service answers is logged. */
  readonly isLogged: (service: PredictionService) => boolean;
}

/** For `SlotCatalog.onAnswered`. Nothing is made of a row before its caller has the answer. */
export function logAnswers(log: PredictionLog, { door, isLogged }: LogAnswersOptions): AnsweredListener {
  const known = new WeakMap<PredictionService, Map<ServingRole, LogSource | null>>();
  const sourceOf = (service: PredictionService, role: ServingRole): LogSource | null => {
    const roles = known.get(service) ?? new Map<ServingRole, LogSource | null>();
    known.set(service, roles);
    const found = roles.get(role);
    if (found !== undefined) return found;
    const made = isLogged(service) ? openSource(log, { service, role, door }) : null;
    roles.set(role, made);
    return made;
  };
  return (event) => {
    const { answers, options } = event;
    if (options.id === undefined && options.idOf === undefined) return;
    if (options.whole === true && answers.issues.length > 0) return;
    const source = sourceOf(event.service, event.role);
    if (source !== null) log.add(source, callOf(event));
  };
}

interface Source {
  readonly service: PredictionService;
  readonly role: ServingRole;
  readonly door: EventDoor;
}

function openSource(log: PredictionLog, { service, role, door }: Source): LogSource {
  const { name, definitionDigest, models, deployment } = service;
  const source = { door, deployment: name, definition_digest: definitionDigest, models, role };
  const { redact, sample } = deployment?.feedback ?? {};
  return log.source(source, { redact, sample });
}

function callOf({ service, answers, options, latencyMs }: AnsweredEvent): LoggedCall {
  const rows = answers.rowCount;
  const now = options.time ?? new Date();
  const { key = null, time = null } = service.deployment ?? {};
  const refused = answers.issues.length === 0 ? null : new Set(answers.issues.map(({ row }) => row));
  let first = 0;
  while (refused?.has(first)) first++;
  const idOf = (row: number): string => rowId(options, row, rows) ?? "";
  const rowOf = (row: number): EventRow | null => {
    if (refused?.has(row)) return null;
    const record = answers.record(row);
    return {
      id: idOf(row),
      key: key === null ? undefined : asked(() => key(record.input as never)),
      time: (time === null ? undefined : asked(() => time(record.input as never))) ?? now,
      ...record,
      warnings: row === first ? answers.warnings : [],
      latencyMs,
    };
  };
  return { rows, idOf, rowOf };
}

/** The definition's own function; when it fails on a row, the event goes without. */
function asked<Value>(ask: () => Value): Value | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}
