// Metrics as plain data: they travel between processes, are summed up there, and are written as text.

export type Labels = Readonly<Record<string, string>>;

export interface NumberSeries {
  readonly labels: Labels;
  readonly value: number;
}

export interface HistogramSeries {
  readonly labels: Labels;
  readonly bounds: readonly number[];
  /** Not cumulative; one more than bounds. */
  readonly counts: readonly number[];
  readonly sum: number;
}

interface FamilyFace {
  /** As Prometheus names it, with its unit; counters end in `_total`. */
  readonly name: string;
  readonly help: string;
}

export interface CounterFamily extends FamilyFace {
  readonly type: "counter";
  readonly series: readonly NumberSeries[];
}

export interface GaugeFamily extends FamilyFace {
  readonly type: "gauge";
  readonly series: readonly NumberSeries[];
  /** What several processes' values of the same labels become. */
  readonly across: "sum" | "max";
}

export interface HistogramFamily extends FamilyFace {
  readonly type: "histogram";
  readonly series: readonly HistogramSeries[];
}

export type MetricFamily = CounterFamily | GaugeFamily | HistogramFamily;

/** The metrics of several processes as those of one. Families of one name must be of one type. */
export function sumFamilies(parts: readonly (readonly MetricFamily[])[]): readonly MetricFamily[] {
  const families = new Map<string, MetricFamily>();
  for (const family of parts.flat()) {
    const known = families.get(family.name);
    families.set(family.name, known === undefined ? family : joined(known, family));
  }
  return [...families.values()];
}

function joined(first: MetricFamily, second: MetricFamily): MetricFamily {
  if (first.type === "histogram" && second.type === "histogram") {
    return { ...first, series: joinSeries(first.series, second.series, addHistograms) };
  }
  if (first.type === "gauge" && second.type === "gauge") {
    const { across } = first;
    const join = (a: NumberSeries, b: NumberSeries): NumberSeries => ({
      labels: a.labels,
      value: across === "sum" ? a.value + b.value : Math.max(a.value, b.value),
    });
    return { ...first, series: joinSeries(first.series, second.series, join) };
  }
  if (first.type === "counter" && second.type === "counter") {
    const add = (a: NumberSeries, b: NumberSeries): NumberSeries => ({ labels: a.labels, value: a.value + b.value });
    return { ...first, series: joinSeries(first.series, second.series, add) };
  }
  return first;
}

function joinSeries<Series extends { readonly labels: Labels }>(
  first: readonly Series[],
  second: readonly Series[],
  join: (a: Series, b: Series) => Series,
): readonly Series[] {
  const all = new Map(first.map((series) => [keyOf(series.labels), series]));
  for (const series of second) {
    const key = keyOf(series.labels);
    const known = all.get(key);
    all.set(key, known === undefined ? series : join(known, series));
  }
  return [...all.values()];
}

function addHistograms(a: HistogramSeries, b: HistogramSeries): HistogramSeries {
  return { ...a, counts: a.counts.map((count, index) => count + (b.counts[index] ?? 0)), sum: a.sum + b.sum };
}

function keyOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}
