// MLflow's server and ours, each over a new store, with artifacts that the server keeps.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTracking } from "../../../src/tracking/open-tracking.ts";
import { testStoreUri } from "../../tracking/test-store.ts";
import { mlflow318, mlflowPeer } from "../mlflow-tracking/environments.ts";
import { startMlflow } from "../mlflow-tracking/mlflow-process.ts";
import { Side } from "./one-side.ts";

export interface BothSides extends AsyncDisposable {
  readonly theirs: Side;
  readonly ours: Side;
  /** What ours failed at by itself. */
  readonly failures: readonly unknown[];
}

export const peer: Awaited<ReturnType<typeof mlflowPeer>> = await mlflowPeer(mlflow318);

export async function openSides(): Promise<BothSides> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "mlflow-wire-"));
  stack.defer(() => rm(folder, { recursive: true, force: true }));
  const failures: unknown[] = [];
  const theirs = stack.use(await startMlflow(peer.python, { folder, store: `sqlite:///${folder}/theirs.db` }));
  const tracking = stack.use(
    await openTracking({
      backendStoreUri: await testStoreUri(join(folder, "store")),
      artifactsDestination: `${folder}/ours`,
      onFailure: (error) => failures.push(error),
    }),
  );
  const listening = await tracking.listen({ port: 0 });
  stack.defer(() => listening.close());
  const moved = stack.move();
  return {
    theirs: new Side(theirs.url),
    ours: new Side(listening.url),
    failures,
    [Symbol.asyncDispose]: () => moved.disposeAsync(),
  };
}
