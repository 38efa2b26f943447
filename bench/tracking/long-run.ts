// The run whose metric `loss` has a long history.

export const longRun: string = "f".repeat(32);
