// Progress of a batch job: a line on a terminal that is overwritten, else one line of JSON a second.
import type { UnitProgress } from "../doors/batch/scoring.ts";
import { counted } from "./counted.ts";
import { type CliHost, isTerminal } from "./host.ts";
import type { Messages } from "./messages.ts";

export interface ScoreProgress extends Disposable {
  update(progress: UnitProgress): void;
}

const everyMs = 1000;

/** @param period is told in the lines of JSON; null: there is none */
export function openScoreProgress(
  { stderr }: Pick<CliHost, "stderr">,
  messages: Messages,
  period: string | null,
): ScoreProgress {
  const start = performance.now();
  let last: UnitProgress | null = null;
  const tell = (): void => {
    if (last === null || messages.level === "error" || messages.level === "warn") return;
    const { done, here, total, written, rejected } = last;
    const seconds = (performance.now() - start) / 1000;
    const rate = here / Math.max(seconds, 0.001);
    const eta = here === 0 ? null : Math.ceil((total - done) / rate);
    if (isTerminal(stderr)) {
      const rest = eta === null ? "" : `, ${etaText(eta)} to go`;
      const share = total === 0 ? 100 : Math.floor((100 * done) / total);
      const rejects = rejected === 0 ? "" : `, ${counted(rejected)} rejected`;
      messages.status(`${share} % of ${counted(total)} rows, ${counted(Math.round(rate))} a second${rejects}${rest}`);
      return;
    }
    const progress = {
      ...(period === null ? {} : { period }),
      rows: done,
      total,
      written,
      rejected,
      rows_per_second: Math.round(rate),
      eta_seconds: eta,
      seconds: Math.round(seconds * 10) / 10,
    };
    messages.say(JSON.stringify({ progress }));
  };
  const timer = setInterval(tell, everyMs);
  timer.unref();
  return {
    update(progress) {
      last = progress;
    },
    [Symbol.dispose]() {
      clearInterval(timer);
      messages.status("");
    },
  };
}

function etaText(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
