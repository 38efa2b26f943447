// Metric families → the text that Prometheus scrapes (exposition format 0.0.4):
//   # HELP name text      \ and line feeds are escaped
//   # TYPE name type
//   name{label="value"} number      in label values also " is escaped
import type { HistogramSeries, Labels, MetricFamily } from "./metric-family.ts";

export const prometheusType = "text/plain; version=0.0.4; charset=utf-8";

export function prometheusText(families: readonly MetricFamily[]): string {
  const lines: string[] = [];
  for (const family of families) {
    if (family.series.length === 0) continue;
    lines.push(`# HELP ${family.name} ${escapeHelp(family.help)}`, `# TYPE ${family.name} ${family.type}`);
    if (family.type === "histogram")
      for (const series of family.series) lines.push(...histogramLines(family.name, series));
    else
      for (const { labels, value } of family.series)
        lines.push(`${family.name}${labelText(labels)} ${numberText(value)}`);
  }
  return `${lines.join("\n")}\n`;
}

function histogramLines(name: string, { labels, bounds, counts, sum }: HistogramSeries): string[] {
  const lines: string[] = [];
  let total = 0;
  for (const [index, count] of counts.entries()) {
    total += count;
    const le = index < bounds.length ? numberText(bounds[index]!) : "+Inf";
    lines.push(`${name}_bucket${labelText({ ...labels, le })} ${total}`);
  }
  lines.push(`${name}_sum${labelText(labels)} ${numberText(sum)}`, `${name}_count${labelText(labels)} ${total}`);
  return lines;
}

function labelText(labels: Labels): string {
  const parts = Object.entries(labels).map(([name, value]) => `${name}="${escapeLabel(value)}"`);
  return parts.length === 0 ? "" : `{${parts.join(",")}}`;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return Number.isFinite(value) ? String(value) : value > 0 ? "+Inf" : "-Inf";
}

function escapeHelp(text: string): string {
  return text.replace(/\\/g, "\\\\").replace(/\n/g, "\\n");
}

function escapeLabel(text: string): string {
  return escapeHelp(text).replace(/"/g, '\\"');
}
