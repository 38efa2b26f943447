// Questions to workers that are not answered yet. Whoever dies answers none of them.
import { trimaranError } from "../../../base/errors.ts";
import type { Member } from "../../../io/process-group.ts";

interface Waiting {
  readonly member: Member;
  readonly answer: PromiseWithResolvers<unknown>;
  readonly timer: NodeJS.Timeout | undefined;
}

export class Calls {
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;

  /** @throws what the worker threw; WORKER_ENDED when it ends before it answers, or takes longer than that */
  start(member: Member, send: (id: number) => void, timeoutMs?: number): Promise<unknown> {
    if (member.child.hasExited) return Promise.reject(trimaranError("WORKER_ENDED", { problem: "it is gone" }));
    const id = ++this.#lastId;
    const answer = Promise.withResolvers<unknown>();
    const late = (): void => this.settle(member, id, trimaranError("WORKER_ENDED", { problem: "it took too long" }));
    const timer = timeoutMs === undefined ? undefined : setTimeout(late, timeoutMs);
    this.#waiting.set(id, { member, answer, timer });
    send(id);
    return answer.promise;
  }

  settle(member: Member, id: number, error: Error | null, value?: unknown): void {
    const waiting = this.#waiting.get(id);
    if (waiting?.member !== member) return;
    this.#waiting.delete(id);
    clearTimeout(waiting.timer);
    if (error === null) waiting.answer.resolve(value);
    else waiting.answer.reject(error);
  }

  /** It ended. */
  forget(member: Member): void {
    if (!member.child.hasExited) return;
    for (const [id, waiting] of this.#waiting) {
      if (waiting.member === member) this.settle(member, id, trimaranError("WORKER_ENDED", { problem: "it is gone" }));
    }
  }
}
