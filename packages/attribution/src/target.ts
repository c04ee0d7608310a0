import {
  argumentError,
  PathwiseError,
  sizeOf,
  stridesOf,
  toFloat64,
  type Objective,
  type RowObjective,
  type Target,
  type TargetOfRow,
  type Tensor,
} from '@pathwise/model';

/** A target with every choice made: one scalar function a row. */
export interface ResolvedTarget {
  readonly objective: Objective;
  /** In words, one a row: `logits[3]`. */
  readonly descriptions: readonly string[];
}

/**
 * Makes a target of a request definite. `top1` picks the largest element of each row of `output`, the model's output
 * at the input, and keeps it.
 *
 * @param name - how the output is called in descriptions
 * @param tensor - the tensor that F reads
 * @param output - its value at the input; shape [rows, ...]
 * @throws PathwiseError BAD_ARGUMENT for an index that does not exist, or `top1` on outputs of rank above 2
 */
export function resolveTarget(target: Target, name: string, tensor: string, output: Tensor): ResolvedTarget {
  const rows = output.shape[0] as number;
  const shape = output.shape.slice(1);
  const data = toFloat64(output.data);
  const size = sizeOf(shape);
  if (isPerRow(target) && target.perRow.length !== 1 && target.perRow.length !== rows) {
    throw argumentError('target', 'targets', `one, or one a row (${rows})`, target.perRow.length);
  }
  const resolved = Array.from({ length: rows }, (_, row) => {
    const own = isPerRow(target) ? (target.perRow[target.perRow.length === 1 ? 0 : row] as TargetOfRow) : target;
    return resolveRow(own, name, shape, data.subarray(row * size, (row + 1) * size));
  });
  return {
    objective: { tensor, rows: resolved.map(({ objective }) => objective) },
    descriptions: resolved.map(({ description }) => description),
  };
}

/** Whether a target depends on the output at the input beyond its shape. */
export function choosesByOutput(target: Target): boolean {
  if (isPerRow(target)) return target.perRow.some(choosesByOutput);
  if (typeof target !== 'object' || target === null || !('contrast' in target)) return target === 'top1';
  return target.contrast.some(choosesByOutput);
}

/** The targets of all rows with `top1` replaced by the index that it means at the input. */
export function fixTarget(target: Target, output: Tensor): TargetOfRow[] {
  const [rows, ...shape] = output.shape as [number, ...number[]];
  const data = toFloat64(output.data);
  const size = sizeOf(shape);
  const fix = (own: TargetOfRow, row: number): TargetOfRow => {
    if (own === 'top1') {
      const values = data.subarray(row * size, (row + 1) * size);
      return { index: shape.length === 0 ? [] : [largest(values)] };
    }
    if (typeof own !== 'object' || !('contrast' in own)) return own;
    return { contrast: [fix(own.contrast[0], row), fix(own.contrast[1], row)] };
  };
  return Array.from({ length: rows }, (_, row) =>
    fix(isPerRow(target) ? (target.perRow[target.perRow.length === 1 ? 0 : row] as TargetOfRow) : target, row),
  );
}

/** Index of the first largest element. */
function largest(values: Float64Array): number {
  return values.indexOf(values.reduce((a, b) => Math.max(a, b), -Infinity));
}

function isPerRow(target: Target): target is { readonly perRow: readonly TargetOfRow[] } {
  return typeof target === 'object' && target !== null && 'perRow' in target;
}

interface ResolvedRow {
  readonly objective: RowObjective;
  readonly description: string;
}

function resolveRow(target: TargetOfRow, name: string, shape: readonly number[], output: Float64Array): ResolvedRow {
  if (typeof target === 'function') {
    return { objective: { kind: 'function', evaluate: target }, description: `function of ${name}` };
  }
  if (target === 'sum') return linear(new Float64Array(output.length).fill(1), `sum of ${name}`);
  if (target === 'top1') {
    if (shape.length > 1) {
      throw new PathwiseError(
        'BAD_ARGUMENT',
        `target: top1 needs rows of rank 1, ${name} has rows of shape [${shape.join(',')}]. Give an index: [i,j,...]`,
      );
    }
    return element(largest(output), name, shape, output.length);
  }
  if (typeof target === 'number') {
    if (shape.length > 1) {
      throw argumentError('target', 'index', `${shape.length} numbers (rows of ${name} have that rank)`, target);
    }
    return element(target, name, shape, output.length);
  }
  if (typeof target !== 'object' || target === null) {
    throw argumentError('target', 'target', "a number, 'top1', 'sum', an object or a function", String(target));
  }
  if ('weights' in target) {
    const weights = Float64Array.from(target.weights);
    if (weights.length !== output.length) {
      throw argumentError('target', 'weights', `${output.length} numbers, one an element of ${name}`, weights.length);
    }
    return linear(weights, `weighted sum of ${name}`);
  }
  if ('index' in target) {
    const { index } = target;
    const fits =
      index.length === shape.length && index.every((i, axis) => Number.isInteger(i) && i < shape[axis] && i >= 0);
    if (!fits) throw argumentError('target', 'index', `an index into rows of shape [${shape.join(',')}]`, [...index]);
    const strides = stridesOf(shape);
    return element(
      index.reduce((sum, i, axis) => sum + i * strides[axis], 0),
      name,
      shape,
      output.length,
    );
  }
  if (Array.isArray(target)) {
    throw argumentError('target', 'target', 'a number, or { index: [...] } or { perRow: [...] }', [...target]);
  }
  if (!('contrast' in target)) {
    throw argumentError(
      'target',
      'object',
      'one with index, contrast, weights or perRow',
      Object.keys(target).join() || '{}',
    );
  }
  return contrast(
    target.contrast.map((part) => resolveRow(part, name, shape, output)),
    output.length,
  );
}

function contrast(parts: readonly ResolvedRow[], size: number): ResolvedRow {
  const [plus, minus] = parts as [ResolvedRow, ResolvedRow];
  const description = `${plus.description} - ${minus.description}`;
  if (plus.objective.kind === 'linear' && minus.objective.kind === 'linear') {
    const negative = minus.objective.weights;
    return linear(
      plus.objective.weights.map((w, i) => w - negative[i]),
      description,
    );
  }
  const evaluate = (row: Float64Array) => {
    const [a, b] = parts.map(({ objective }) => valueAndGradient(objective, row));
    return {
      value: a.value - b.value,
      gradient: Float64Array.from({ length: size }, (_, i) => a.gradient[i] - b.gradient[i]),
    };
  };
  return { objective: { kind: 'function', evaluate }, description };
}

/** F and its gradient with respect to the output row. */
function valueAndGradient(objective: RowObjective, row: Float64Array): { value: number; gradient: ArrayLike<number> } {
  if (objective.kind === 'function') return objective.evaluate(row);
  return { value: objective.weights.reduce((sum, w, i) => sum + w * row[i], 0), gradient: objective.weights };
}

function element(at: number, name: string, shape: readonly number[], size: number): ResolvedRow {
  if (!Number.isInteger(at) || at < 0 || at >= size) {
    throw argumentError('target', 'index', `an integer from 0 to ${size - 1} for output "${name}"`, at);
  }
  const weights = new Float64Array(size);
  weights[at] = 1;
  const strides = stridesOf(shape);
  const index = shape.map((_, axis) => Math.floor(at / strides[axis]) % shape[axis]);
  return linear(weights, index.length === 0 ? name : `${name}[${index.join(',')}]`);
}

function linear(weights: Float64Array, description: string): ResolvedRow {
  return { objective: { kind: 'linear', weights }, description };
}
