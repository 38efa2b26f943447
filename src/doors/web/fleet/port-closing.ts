// When the whole service stops, workers close the port one after the other, each when its own callers are quiet. Until the last one
// has closed it, none sends callers away: they would come back to a port that another is just about to close, and be reset.
import type { Member } from "../../../io/process-group.ts";

export class PortClosing {
  readonly #closed = new Set<Member>();
  readonly #members: () => readonly Member[];
  readonly #tell: (member: Member) => void;

  /** `members` are alive; `tell` says that no worker accepts any more. */
  constructor(members: () => readonly Member[], tell: (member: Member) => void) {
    this.#members = members;
    this.#tell = tell;
  }

  /** That worker accepts no longer. */
  closed(member: Member): void {
    this.#closed.add(member);
    this.#check();
  }

  gone(member: Member): void {
    this.#closed.delete(member);
    this.#check();
  }

  #check(): void {
    const members = this.#members();
    if (this.#closed.size === 0 || !members.every((member) => this.#closed.has(member))) return;
    for (const member of members) this.#tell(member);
  }
}
