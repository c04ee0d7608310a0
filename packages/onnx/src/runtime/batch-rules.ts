import { sizeOf, toFloat64 } from '@pathwise/model';
import type { BatchContext, BatchOperand, BatchRule } from './batch-rule.ts';

/** Names of ops, several to a line. */
function words(...lines: readonly string[]): string[] {
  return lines.flatMap((line) => line.split(' '));
}

const UNARY = words(
  'Abs Acos Acosh Asin Asinh Atan Atanh Cast Ceil Celu Cos Cosh Elu Erf Exp Floor Gelu HardSigmoid',
  'HardSwish Identity LeakyRelu Log Mish Neg Not Reciprocal Relu Round Selu Shrink Sigmoid Sign Sin',
  'Sinh Softplus Softsign Sqrt StopGradient Swish Tan Tanh ThresholdedRelu',
);
const BROADCASTING = words(
  'Add And Div Equal Greater GreaterOrEqual Less LessOrEqual Max Mean Min Mod Mul Or PRelu Pow Sub Sum',
  'Where Xor',
);
const REDUCTIONS = words(
  'ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum',
  'ReduceSumSquare',
);
const RESHAPING = ['Flatten', 'Reshape', 'Squeeze', 'Unsqueeze'];
const ALONG_ATTRIBUTE = ['ArgMax', 'ArgMin', 'Hardmax', 'LogSoftmax', 'Softmax'];
const SPATIAL = ['AveragePool', 'Conv', 'ConvTranspose', 'GlobalAveragePool', 'GlobalMaxPool', 'MaxPool'];

/** Rules by op; an op without one is computed row by row. */
export const batchRules: Readonly<Record<string, BatchRule | undefined>> = {
  __proto__: null as never,
  ...all(UNARY, ({ b, node, operands }) => [b.emit(node.op, [operands[0]!.ref], node.attrs)]),
  ...all(BROADCASTING, broadcasting),
  ...all(REDUCTIONS, reduction),
  ...all(RESHAPING, ({ b, rows, operands, shapes }) => [b.reshape(operands[0]!.ref, [rows, ...shapes[0]!])]),
  ...all(ALONG_ATTRIBUTE, (c) => [
    c.b.emit(c.node.op, [c.operands[0]!.ref], { ...c.node.attrs, axis: axisBehindRows(c, c.operands[0]!) }),
  ]),
  ...all(SPATIAL, spatial),
  // Bounds are scalars: one for all.
  Clip: (c) => (c.operands.slice(1).some((bound) => bound?.moves) ? null : broadcasting(c)),
  Concat: (c) => {
    const parts = c.operands.map((operand) => withRows(c, operand!));
    return [c.b.concat(parts, axisBehindRows(c, c.operands[0]!))];
  },
  Expand: (c) => [c.b.expand(lifted(c, c.operands[0]!, c.shapes[0]!.length), [c.rows, ...c.shapes[0]!])],
  Gather: (c) => {
    const [data, indices] = [c.operands[0]!, c.operands[1]!];
    if (data.moves) {
      const axis = axisBehindRows(c, data);
      return indices.moves ? null : [c.b.emit('Gather', [data.ref, indices.ref], { axis })];
    }
    return axisBehindRows(c, data) === 1 ? [c.b.emit('Gather', [data.ref, indices.ref], { axis: 0 })] : null;
  },
  Gemm: gemm,
  LayerNormalization: (c) => {
    const [x, ...parameters] = c.operands;
    if (parameters.some((operand) => operand?.moves) || c.node.outputs.length > 1) return null;
    const attrs = { ...c.node.attrs, axis: axisBehindRows(c, x!) };
    return [c.b.emit('LayerNormalization', [x!.ref, ...parameters.map((o) => o?.ref ?? null)], attrs)];
  },
  MatMul: ({ b, ...c }) => {
    const [x, y] = [c.operands[0]!, c.operands[1]!];
    if (x.shape.length < 2 || y.shape.length < 2) return null;
    const rank = Math.max(x.shape.length, y.shape.length);
    return [b.matmul(lifted({ b, ...c }, x, rank), lifted({ b, ...c }, y, rank))];
  },
  ScatterElements: (c) => {
    const refs = c.operands.map((operand) => withRows(c, operand!));
    return [c.b.emit('ScatterElements', refs, { ...c.node.attrs, axis: axisBehindRows(c, c.operands[0]!) })];
  },
  Slice: (c) => {
    const [x, starts, ends, axes, steps] = c.operands;
    const along = axes ? constantNumbers(c, axes) : constantNumbers(c, starts!)?.map((_, axis) => axis);
    if (!along || [starts, ends, steps].some((operand) => operand?.moves)) return null;
    const behind = c.b.ints(along.map((axis) => (axis < 0 ? axis + x!.shape.length : axis) + 1));
    return [c.b.emit('Slice', [x!.ref, starts!.ref, ends!.ref, behind, ...(steps ? [steps.ref] : [])])];
  },
  Split: (c) => {
    const outputs = c.node.outputs.map((output) => (output === '' ? '' : c.b.freshName(output)));
    const attrs = { ...c.node.attrs, axis: axisBehindRows(c, c.operands[0]!) };
    return c.b.apply('Split', [c.operands[0]!.ref, ...c.operands.slice(1).map((o) => o?.ref ?? null)], attrs, {
      outputs,
    });
  },
  Transpose: ({ b, node, operands }) => {
    const rank = operands[0]!.shape.length;
    const perm =
      (node.attrs['perm'] as readonly number[] | undefined) ?? operands[0]!.shape.map((_, i) => rank - 1 - i);
    return [b.transpose(operands[0]!.ref, [0, ...perm.map((axis) => axis + 1)])];
  },
};

function all(names: readonly string[], rule: BatchRule): Record<string, BatchRule> {
  return Object.fromEntries(names.map((name) => [name, rule]));
}

function broadcasting(c: BatchContext): readonly string[] {
  const rank = c.shapes[0]!.length;
  const refs = c.operands.map((operand) => (operand === null ? null : lifted(c, operand, rank)));
  return [c.b.emit(c.node.op, refs, c.node.attrs)];
}

function reduction(c: BatchContext): readonly string[] | null {
  const [x, axes] = c.operands;
  if (axes?.moves || c.node.attrs['noop_with_empty_axes'] === 1) return null;
  const given = axes ? constantNumbers(c, axes) : [];
  if (given === undefined) return null;
  const rank = x!.shape.length;
  const own =
    given.length === 0 ? x!.shape.map((_, axis) => axis) : given.map((axis) => (axis < 0 ? axis + rank : axis));
  return [c.b.emit(c.node.op, [x!.ref, c.b.ints(own.map((axis) => axis + 1))], c.node.attrs)];
}

/** Images of all rows as one batch of images; the weights must be the same for all. */
function spatial(c: BatchContext): readonly string[] | null {
  const [x, ...weights] = c.operands;
  if (weights.some((operand) => operand?.moves)) return null;
  const merged = c.b.reshape(x!.ref, [c.rows * x!.shape[0]!, ...x!.shape.slice(1)]);
  const outputs = c.node.outputs.map((output) => (output === '' ? '' : c.b.freshName(output)));
  const results = c.b.apply(c.node.op, [merged, ...weights.map((o) => o?.ref ?? null)], c.node.attrs, { outputs });
  return results.map((result, i) => {
    if (result === '') return '';
    const separate = c.b.reshape(result, [c.rows, ...c.shapes[i]!]);
    return i === 1 ? c.b.sub(separate, rowOffsets(c, sizeOf(x!.shape), c.shapes[i]!.length)) : separate;
  });
}

/** Where each row starts in the elements of all, for indices that count through them. */
function rowOffsets({ b, rows }: BatchContext, size: number, rank: number): string {
  const data = BigInt64Array.from({ length: rows }, (_, row) => BigInt(row * size));
  return b.constant({ dtype: 'int64', shape: [rows, ...new Array<number>(rank).fill(1)], data });
}

/** alpha A' B' + beta C; with one matrix B for all rows, as one product of taller matrices. */
function gemm(c: BatchContext): readonly string[] | null {
  const { b, node, rows, shapes } = c;
  const [x, w, bias] = c.operands;
  const { transA, transB, alpha, beta } = node.attrs;
  const single = bias === null || bias === undefined || (!bias.moves && (bias.shape.length < 2 || bias.shape[0] === 1));
  if (!w!.moves && transA === 0 && single) {
    const [m, k] = x!.shape as [number, number];
    const tall = b.reshape(x!.ref, [rows * m, k]);
    return [b.reshape(b.gemm(tall, w!.ref, bias?.ref ?? null, node.attrs), [rows, ...shapes[0]!])];
  }
  if (alpha !== 1 || beta !== 1) return null;
  const turned = ({ ref, moves }: BatchOperand, swap: boolean): string =>
    swap ? b.transpose(ref, moves ? [0, 2, 1] : [1, 0]) : ref;
  const product = b.matmul(turned(x!, transA === 1), turned(w!, transB === 1));
  return [bias ? b.add(product, lifted(c, bias, 2)) : product];
}

/** An operand whose axes line up with those of others of this rank: rows, then ones, then its own. */
function lifted({ b, rows }: BatchContext, { ref, shape, moves }: BatchOperand, rank: number): string {
  if (!moves || shape.length >= rank) return ref;
  return b.reshape(ref, [rows, ...new Array<number>(rank - shape.length).fill(1), ...shape]);
}

/** An operand with the axis of rows, repeated where it is one for all. */
function withRows({ b, rows }: BatchContext, { ref, shape, moves }: BatchOperand): string {
  return moves ? ref : b.expand(ref, [rows, ...shape]);
}

/** The attribute `axis` as an axis of the operand with rows. */
function axisBehindRows({ node }: BatchContext, { shape }: BatchOperand): number {
  const axis = node.attrs['axis'] as number;
  return (axis < 0 ? axis + shape.length : axis) + 1;
}

/** Integers of a constant; undefined for what is computed. */
function constantNumbers({ b }: BatchContext, { ref }: BatchOperand): number[] | undefined {
  const value = b.constantOf(ref);
  return value === undefined ? undefined : Array.from(toFloat64(value.data));
}
