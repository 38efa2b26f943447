// `Promise.all` that leaves nothing under way: when one fails the others are waited for before the failure is told.

/** @throws what the first of them, in their order, failed with */
export async function allDone<const Work extends readonly Promise<unknown>[]>(
  work: Work,
): Promise<{ -readonly [At in keyof Work]: Awaited<Work[At]> }> {
  await Promise.allSettled(work);
  return await Promise.all(work);
}
