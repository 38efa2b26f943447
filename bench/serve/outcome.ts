// What a work of the serve bench gives back: its table as text, its figures as data, and the targets that it is held to.
import { shown, tableText } from "../report/statistics.ts";

export interface WorkOptions {
  /** Short rounds: shows that it runs, its figures say little. */
  readonly quick: boolean;
  readonly rounds: number;
  /** Of a round. */
  readonly seconds: number;
  readonly connections: number;
  /** Peers whose name has none of these texts are left out; empty: all are asked. */
  readonly peers: readonly string[];
  /** Where a long work says what it is at. */
  readonly progress: (text: string) => void;
}

export interface Target {
  readonly what: string;
  readonly measured: number;
  readonly is: "at least" | "at most";
  readonly target: number;
}

export interface Outcome {
  readonly title: string;
  readonly rows: readonly (readonly string[])[];
  readonly notes?: readonly string[];
  readonly data: unknown;
  readonly targets: readonly Target[];
}

export type Work = (options: WorkOptions) => Promise<Outcome>;

export function isWanted(name: string, { peers }: WorkOptions): boolean {
  return peers.length === 0 || peers.some((text) => name.toLowerCase().includes(text.toLowerCase()));
}

export function isMet({ measured, is, target }: Target): boolean {
  return is === "at most" ? measured <= target : measured >= target;
}

export function outcomeText({ title, rows, notes = [] }: Outcome): string {
  return [`\n${title}\n`, tableText(rows), ...notes].join("\n");
}

export function targetsText(targets: readonly (Target & { readonly work: string })[]): string {
  const cells = targets.map((target) => [
    `${target.work}: ${target.what}`,
    shown(target.measured),
    `${target.is === "at most" ? "≤" : "≥"} ${target.target}`,
    isMet(target) ? "met" : "not met",
  ]);
  return tableText([["", "measured", "target", ""], ...cells]);
}
