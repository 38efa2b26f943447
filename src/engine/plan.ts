// Which ops a set of methods needs, in order, and which of them a fast kernel takes together.
import type { ModelGraph } from "../model/graph.ts";
import type { OpKind, OpOf } from "../model/op.ts";
import type { ValueId, ValueType } from "../model/value.ts";
import type { ForestOpener } from "./fast/forest.ts";
import { fuse } from "./fast/fuse.ts";
import type { Kernel, KernelTypes } from "./kernel.ts";
import { referenceKernels } from "./reference/reference-kernels.ts";

/** One kernel call: reads values, makes value `result`. */
export interface Step {
  readonly kernel: Kernel;
  readonly inputs: readonly ValueId[];
  readonly result: ValueId;
}

export interface PlanOptions {
  readonly graph: ModelGraph;
  readonly types: readonly ValueType[];
  readonly methods: readonly string[];
  /** Null: plain kernels only. */
  readonly openForest: ForestOpener | null;
}

export function planSteps({ graph, types, methods, openForest }: PlanOptions): readonly Step[] {
  const uses = new Int32Array(graph.ops.length + 1);
  for (const method of methods) {
    const output = graph.outputs[method];
    if (output !== undefined) uses[output.value] = (uses[output.value] ?? 0) + 1;
  }
  for (let value = graph.ops.length; value > 0; value--) {
    if (uses[value] === 0) continue;
    for (const input of graph.ops[value - 1]?.inputs ?? []) uses[input] = (uses[input] ?? 0) + 1;
  }
  const steps: Step[] = [];
  const covered = new Set<ValueId>();
  for (let value = graph.ops.length; value > 0; value--) {
    const op = graph.ops[value - 1];
    if (op === undefined || uses[value] === 0 || covered.has(value)) continue;
    const fused = openForest === null ? null : fuse({ graph, types, uses, value, openForest });
    if (fused !== null) {
      for (const inner of fused.covers) covered.add(inner);
      steps.push({ kernel: fused.kernel, inputs: fused.inputs, result: value });
      continue;
    }
    const inputs = op.inputs.map((id) => typeAt(types, id));
    steps.push({
      kernel: referenceKernel(op, { inputs, result: typeAt(types, value) }),
      inputs: op.inputs,
      result: value,
    });
  }
  return steps.reverse();
}

function referenceKernel<Kind extends OpKind>(op: OpOf<Kind>, types: KernelTypes): Kernel {
  const make = referenceKernels[op.kind as Kind] as (op: OpOf<Kind>, types: KernelTypes) => Kernel;
  return make(op, types);
}

function typeAt(types: readonly ValueType[], id: ValueId): ValueType {
  const type = types[id];
  if (type === undefined) throw new RangeError(`plan: value ${id} has no type`);
  return type;
}
