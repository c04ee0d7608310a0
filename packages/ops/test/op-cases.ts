import { isFloat, sizeOf, type Tensor } from '@pathwise/model';
import { differentiate, inputKind, type Graph, type OpDef, type OpExample } from '@pathwise/graph';
import { lowerGraph, ops } from '../src/index.ts';
import { uniformFrom } from '../../model/testing/uniform.ts';

/** A graph with a forward and, where there is one, a gradient part, and feeds for some rows. */
export interface OpCase {
  readonly graph: Graph;
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly wanted: readonly string[];
}

/** Which inputs of an example vary from row to row: all, or the first, with the others as weights. */
export type Varying = 'all' | 'first';

/** An op's example with its gradient by every input that varies; null where nothing varies, or no input but the first would. */
export function opCase(op: OpDef, example: OpExample, varying: Varying, rows: number, seed: number): OpCase | null {
  const draw = uniformFrom(seed);
  const [low, high] = example.domain ?? [-2, 2];
  const value = (): number => Math.fround(low + (high - low) * draw());
  const b = ops.builder();
  const feeds: Record<string, Tensor> = {};
  const wrt: string[] = [];
  const shaped = example.inputs.filter((input) => isShape(input)).length;
  if (shaped === 0 || (varying === 'first' && shaped === 1)) return null;
  const refs = example.inputs.map((input, i) => {
    if (input === null) return null;
    if (!isShape(input)) return b.constant(input);
    if (varying === 'first' && Object.keys(feeds).length === 1) {
      return b.constant({ dtype: 'float32', shape: input, data: Float32Array.from({ length: sizeOf(input) }, value) });
    }
    const name = b.input(`x${i}`, input);
    feeds[name] = stacked(input, rows, value);
    if (inputKind(op, i) === 'differentiable') wrt.push(name);
    return name;
  });
  const outputs = Array.from({ length: example.outputs ?? 1 }, (_, i) => `y${i}`);
  b.apply(op.name, refs, example.attrs ?? {}, { outputs });
  const forward = lowerGraph(b.build(outputs));
  const targets = forward.outputs.filter((name) => isFloat(forward.types.get(name)!.dtype));
  if (wrt.length === 0 || targets.length === 0) return { graph: forward, feeds, wanted: outputs };
  const { graph, seeds, gradients } = differentiate(forward, { targets, wrt, ops });
  for (const [target, seed] of seeds)
    feeds[seed] = stacked(graph.types.get(target)!.shape, rows, () => Math.fround(2 * draw() - 1));
  const found = [...gradients.values()].filter((name) => name !== null);
  return { graph: { ...graph, outputs: [...outputs, ...found] }, feeds, wanted: [...outputs, ...found] };
}

/** A convolution of many channels with its gradient: the kernels that the examples of ops are too small for. */
export function wideCase(rows: number, seed: number): OpCase {
  const draw = uniformFrom(seed);
  const value = (): number => Math.fround(2 * draw() - 1);
  const b = ops.builder();
  const x = b.input('x', [1, 24, 6, 5]);
  const weights = { ...stacked([1, 26, 24, 3, 3], 1, value), shape: [26, 24, 3, 3] };
  const y = b.relu(b.conv(x, weights, null, { pads: [1, 1, 1, 1] }));
  const pooled = b.maxPool(y, [2, 2], { strides: [2, 2] });
  const { graph, seeds, gradients } = differentiate(b.build([pooled]), { targets: [pooled], wrt: [x], ops });
  const feeds: Record<string, Tensor> = { x: stacked([1, 24, 6, 5], rows, value) };
  for (const [target, name] of seeds) feeds[name] = stacked(graph.types.get(target)!.shape, rows, value);
  const wanted = [pooled, gradients.get(x)!];
  return { graph: { ...graph, outputs: wanted }, feeds, wanted };
}

/**
 * An inverted residual block beside a branch, with its gradient: what steps do as they store (bounds, sums, masks, parts of
 * concatenations), by every kernel that does it.
 */
export function blockCase(rows: number, seed: number): OpCase {
  const draw = uniformFrom(seed);
  const value = (): number => Math.fround(2 * draw() - 1);
  const b = ops.builder();
  const weights = (shape: readonly number[]): Tensor => ({ ...stacked([1, ...shape], 1, value), shape });
  const cut = (name: string): string => b.emit('Clip', [name, b.scalar(-0.5), b.scalar(1.5)]);
  const pads = [1, 1, 1, 1];
  const x = b.input('x', [1, 6, 5, 6]);
  const wide = cut(b.conv(x, weights([26, 6, 1, 1]), weights([26])));
  const deep = cut(b.conv(wide, weights([26, 1, 3, 3]), weights([26]), { group: 26, pads }));
  const sum = b.relu(b.add(b.conv(deep, weights([6, 26, 1, 1])), x));
  const mixed = b.add(b.conv(wide, weights([26, 26, 3, 3]), null, { pads }), wide);
  const both = b.concat([b.relu(b.conv(sum, weights([5, 6, 3, 3]), null, { pads })), b.relu(mixed)], 1);
  const { graph, seeds, gradients } = differentiate(b.build([both]), { targets: [both], wrt: [x], ops });
  const feeds: Record<string, Tensor> = { x: stacked([1, 6, 5, 6], rows, value) };
  for (const [target, name] of seeds) feeds[name] = stacked(graph.types.get(target)!.shape, rows, value);
  const wanted = [both, gradients.get(x)!];
  return { graph: { ...graph, outputs: wanted }, feeds, wanted };
}

/**
 * Inverted residual blocks with strides of 1 and 2, large enough to be run over bands of rows, and what follows them, with
 * their gradient.
 */
export function bandCase(rows: number, seed: number): OpCase {
  const draw = uniformFrom(seed);
  const value = (): number => Math.fround(2 * draw() - 1);
  const b = ops.builder();
  const weights = (shape: readonly number[]): Tensor => ({ ...stacked([1, ...shape], 1, value), shape });
  const cut = (name: string): string => b.emit('Clip', [name, b.scalar(-0.5), b.scalar(1.5)]);
  const block = (from: string, inputs: number, outputs: number, stride: number): string => {
    const wide = cut(b.conv(from, weights([9, inputs, 1, 1]), weights([9])));
    const window = { group: 9, pads: [1, 1, 1, 1], strides: [stride, stride] };
    return b.conv(cut(b.conv(wide, weights([9, 1, 3, 3]), weights([9]), window)), weights([outputs, 9, 1, 1]));
  };
  const x = b.input('x', [1, 3, 17, 25]);
  const y = b.relu(block(b.add(block(x, 3, 3, 1), x), 3, 5, 2));
  const { graph, seeds, gradients } = differentiate(b.build([y]), { targets: [y], wrt: [x], ops });
  const feeds: Record<string, Tensor> = { x: stacked([1, 3, 17, 25], rows, value) };
  for (const [target, name] of seeds) feeds[name] = stacked(graph.types.get(target)!.shape, rows, value);
  const wanted = [y, gradients.get(x)!];
  return { graph: { ...graph, outputs: wanted }, feeds, wanted };
}

/** Rows of a tensor whose graph describes one. */
export function stacked(shape: readonly number[], rows: number, value: () => number): Tensor {
  const all = shape[0] === 1 ? [rows, ...shape.slice(1)] : [rows, ...shape];
  return { dtype: 'float32', shape: all, data: Float32Array.from({ length: sizeOf(all) }, value) };
}

function isShape(input: readonly number[] | Tensor | null): input is readonly number[] {
  return Array.isArray(input);
}
