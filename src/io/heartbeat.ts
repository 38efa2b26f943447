// Who did not give a sign for too long, by a clock that nobody sets. A watcher that was itself held up (stopped, swapped out)
// has not read the signs that came meanwhile: it starts to count anew instead of blaming others.

export class Heartbeats<Member> {
  readonly #last = new Map<Member, number>();
  readonly #timeoutMs: number;
  readonly #checkMs: number;
  readonly #onSilent: (member: Member, silentMs: number) => void;
  readonly #timer: NodeJS.Timeout;
  #checkedAt = performance.now();

  constructor(timeoutMs: number, onSilent: (member: Member, silentMs: number) => void) {
    this.#timeoutMs = timeoutMs;
    this.#checkMs = Math.max(10, Math.min(500, timeoutMs / 8));
    this.#onSilent = onSilent;
    this.#timer = setInterval(() => this.#check(), this.#checkMs);
    this.#timer.unref();
  }

  beat(member: Member): void {
    this.#last.set(member, performance.now());
  }

  forget(member: Member): void {
    this.#last.delete(member);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #check(): void {
    const now = performance.now();
    const late = now - this.#checkedAt - this.#checkMs;
    this.#checkedAt = now;
    if (late > Math.max(this.#checkMs, this.#timeoutMs / 4)) {
      for (const member of this.#last.keys()) this.#last.set(member, now);
      return;
    }
    for (const [member, last] of this.#last) {
      if (now - last <= this.#timeoutMs) continue;
      this.#last.delete(member);
      this.#onSilent(member, now - last);
    }
  }
}
