// The statistics extension: what each version has answered, as Triton lays it out.
import type { Door } from "../door.ts";
import { type Duration, readStatistics, spans, type VersionStatistics } from "../model-statistics.ts";

/** Also of versions that were not asked yet. @throws REQUEST_NO_SERVICE, REQUEST_NO_VERSION, SERVICE_NOT_READY */
export async function modelStatistics(
  door: Door,
  name?: string,
  version?: string,
): Promise<readonly VersionStatistics[]> {
  if (name !== undefined) door.service(name, version);
  const asked = (each: { readonly name: string; readonly version: string }): boolean =>
    (name === undefined || each.name === name) && (version === undefined || each.version === version);
  const known = readStatistics(await door.options.collectMetrics(door.statistics.families())).filter(asked);
  const silent = door.catalog.names
    .flatMap((each) => door.catalog.versions(each).map((served) => ({ name: each, version: served })))
    .filter((each) => asked(each) && !known.some((one) => one.name === each.name && one.version === each.version));
  return [
    ...known,
    ...silent.map((each): VersionStatistics => ({ ...each, lastInferenceMs: 0, rows: 0, spans: none })),
  ];
}

const zero: Duration = { count: 0, ns: 0 };
const none = Object.fromEntries(spans.map((span) => [span, zero])) as unknown as VersionStatistics["spans"];

/** The object of REST; the message of gRPC has the same names. */
export function statisticsObject({
  name,
  version,
  lastInferenceMs,
  rows,
  spans: durations,
}: VersionStatistics): object {
  return {
    name,
    version,
    last_inference: lastInferenceMs,
    inference_count: rows,
    execution_count: durations.success.count,
    inference_stats: { ...durations, cache_hit: zero, cache_miss: zero },
    batch_stats: [],
  };
}
