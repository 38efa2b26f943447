// Transactions that wait at the same time share one commit: it costs more than most of them write. Each is still all or nothing,
// and is confirmed after the commit only.
import { setImmediate as turnOfOthers } from "node:timers/promises";

/** What a group is written through. */
export interface GroupWriter<Statements> {
  readonly statements: Statements;
  begin(): Promise<void>;
  commit(): Promise<void>;
  rollback(): void;
  /** How many statements that write were begun so far. */
  writes(): number;
  /** A database gives up the whole transaction on some failures. */
  isOpen(): boolean;
}

interface Member<Statements> {
  readonly work: (statements: Statements) => Promise<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** How long a group takes in more, in milliseconds: what comes first waits for what comes last. */
const maxGroupMs = 5;

export class GroupCommit<Statements> {
  readonly #writer: GroupWriter<Statements>;
  readonly #waiting: Member<Statements>[] = [];
  #draining: Promise<void> | null = null;

  constructor(writer: GroupWriter<Statements>) {
    this.#writer = writer;
  }

  /** `work` may be run again: the others of its group are, when one of them fails. */
  run<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#waiting.push({ work, resolve: (value) => resolve(value as T), reject });
    this.#draining ??= this.#drain();
    return promise;
  }

  /** When nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#draining !== null) await this.#draining;
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) {
      // What has come over other connections meanwhile is read in this turn of the loop.
      await turnOfOthers();
      await this.#together();
    }
    this.#draining = null;
  }

  async #together(): Promise<void> {
    const writer = this.#writer;
    const done: { readonly member: Member<Statements>; readonly value: unknown }[] = [];
    let member: Member<Statements> | undefined;
    try {
      const end = performance.now() + maxGroupMs;
      member = this.#waiting[0];
      await writer.begin();
      for (;;) {
        member = this.#waiting.shift();
        if (member === undefined) break;
        const before = writer.writes();
        try {
          done.push({ member, value: await member.work(writer.statements) });
        } catch (error) {
          if (writer.writes() !== before || !writer.isOpen()) throw error;
          // It left nothing behind: the others need not know.
          member.reject(error);
        }
        if (performance.now() >= end) break;
      }
      member = undefined;
      await writer.commit();
    } catch (error) {
      writer.rollback();
      await this.#apart(error, done, member);
      return;
    }
    for (const { member: each, value } of done) each.resolve(value);
  }

  /** `failed` is the one that did; without it, the commit. */
  async #apart(
    error: unknown,
    done: readonly { readonly member: Member<Statements> }[],
    failed: Member<Statements> | undefined,
  ): Promise<void> {
    if (failed === undefined) {
      for (const { member } of done) member.reject(error);
      return;
    }
    if (this.#waiting[0] === failed) this.#waiting.shift();
    failed.reject(error);
    for (const { member } of done) await this.#alone(member);
  }

  async #alone({ work, resolve, reject }: Member<Statements>): Promise<void> {
    const writer = this.#writer;
    try {
      await writer.begin();
      const value = await work(writer.statements);
      await writer.commit();
      resolve(value);
    } catch (error) {
      writer.rollback();
      reject(error);
    }
  }
}
