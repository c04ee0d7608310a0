import { asFloats, sizeOf, toFloat64, type Shape } from '@pathwise/model';
import type { Node } from '@pathwise/graph';
import { loopWords, viewWords, type Emitter } from '../emitter.ts';
import { STEP } from '../step.ts';
import { broadcastTo, loopsOver, transposed, type View } from '../view.ts';
import { emitProduct } from './product-step.ts';
import { number, type Rule } from './rule.ts';

/**
 * A constant matrix, as it lies: `scale` times element i * row + j * column. The key is what it is, where others may
 * multiply by the same.
 */
interface Matrix {
  readonly data: Float32Array | Float64Array;
  readonly row: number;
  readonly column: number;
  readonly scale: number;
  readonly key?: string;
}

const matMul: Rule = (e, node) => {
  const [a, b] = node.inputs.map((name) => e.type(name).shape);
  const { shape } = e.type(node.outputs[0]);
  const right = e.constantOf(node, 1);
  const left = e.constantOf(node, 0);
  if (right !== undefined && sizeOf(b) === sizeOf(b.slice(-2)) && a.length >= 1) {
    const n = b.length === 1 ? 1 : (b.at(-1) as number);
    const name = a.length > 1 && b.length > 1 ? node.outputs[0] : undefined;
    const y = timesMatrix(
      e,
      rows(e.input(node, 0) as View),
      n,
      { data: asFloats(right.data), row: n, column: 1, scale: 1, key: `right ${node.inputs[1]}` },
      null,
      name,
    );
    return [e.reshape(y, shape)];
  }
  if (left !== undefined && sizeOf(a) === sizeOf(a.slice(-2)) && b.length >= 2) {
    // A X = (X' A')'
    const depth = a.at(-1) as number;
    const columns = swapLast(e.input(node, 1) as View);
    const matrix = { data: asFloats(left.data), row: 1, column: depth, scale: 1, key: `left ${node.inputs[0]}` };
    const y = timesMatrix(e, columns, sizeOf(a) / depth, matrix, null);
    return [e.reshape(swapLast(y), shape)];
  }
  const [x, y] = [rows(e.input(node, 0) as View), e.input(node, 1) as View];
  return [e.reshape(product(e, x, b.length === 1 ? { ...y, shape: [b[0], 1], strides: [y.strides[0], 0] } : y), shape)];
};

const gemm: Rule = (e, node) => {
  const [alpha, beta] = [number(node, 'alpha'), number(node, 'beta')];
  const [turnA, turnB] = [number(node, 'transA') === 1, number(node, 'transB') === 1];
  const side = (i: number, turn: boolean): View =>
    turn ? swapLast(e.input(node, i) as View) : (e.input(node, i) as View);
  const a = side(0, turnA);
  const b = side(1, turnB);
  const c = e.input(node, 2);
  const [m, n] = e.type(node.outputs[0]).shape;
  const right = matrixOf(e, node, 1, turnB, alpha);
  const left = right === null ? matrixOf(e, node, 0, turnA, alpha) : null;
  const bias = right === null ? null : rowBias(e, node, n, beta);
  let y: View;
  if (right !== null) y = timesMatrix(e, a, n, right, bias, c === null || bias !== null ? node.outputs[0] : undefined);
  else if (left !== null) y = swapLast(timesMatrix(e, swapLast(b), m, turnedRound(left), null));
  else y = scaled(e, product(e, a, b), alpha);
  return [c === null || bias !== null ? y : e.map('add', [y, scaled(e, c, beta)])];
};

/** A constant factor of a Gemm, transposed and scaled. */
function matrixOf(e: Emitter, node: Node, i: number, turned: boolean, alpha: number): Matrix | null {
  const constant = e.constantOf(node, i);
  if (constant === undefined) return null;
  const { data, shape } = constant;
  const matrix = {
    data: asFloats(data),
    row: shape[1],
    column: 1,
    scale: alpha,
    key: `gemm ${alpha} ${node.inputs[i]}`,
  };
  return turned ? turnedRound(matrix) : matrix;
}

function turnedRound({ row, column, key, ...matrix }: Matrix): Matrix {
  return { ...matrix, row: column, column: row, ...(key !== undefined && { key: `turned ${key}` }) };
}

/** C of a Gemm where it is one constant a column, scaled. */
function rowBias(e: Emitter, node: Node, columns: number, beta: number): Float64Array | null {
  const c = e.constantOf(node, 2);
  if (c === undefined || c.data.length !== columns || c.shape.at(-1) !== columns) return null;
  return toFloat64(c.data).map((value) => beta * value);
}

function scaled(e: Emitter, x: View, factor: number): View {
  return factor === 1 ? x : e.map('affine', [x], factor, 0);
}

/** A vector as one row. */
function rows(x: View): View {
  return x.shape.length === 1 ? { ...x, shape: [1, x.shape[0]], strides: [0, x.strides[0]] } : x;
}

function swapLast(x: View): View {
  const axes = x.shape.map((_, axis) => axis);
  return transposed(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
}

/** x [..., k] times a constant matrix [k, n] plus a bias [n]: every row is a pixel of k channels. `name` is what it makes. */
export function timesMatrix(
  e: Emitter,
  x: View,
  n: number,
  matrix: Matrix,
  bias: ArrayLike<number> | null,
  name?: string,
): View {
  const depth = x.shape.at(-1) as number;
  const outer = x.shape.slice(0, -1);
  let from =
    x.buffer !== null && (depth === 1 || x.strides.at(-1) === 1)
      ? x
      : e.ordered(
          x,
          x.shape.map((_, axis) => axis),
        );
  const y = e.allocate([...outer, n]);
  let loops = loopsOver(outer, [y.strides.slice(0, -1), from.strides.slice(0, -1)]);
  if (loops.sizes.length > 3) {
    from = e.ordered(
      x,
      x.shape.map((_, axis) => axis),
    );
    loops = loopsOver(outer, [y.strides.slice(0, -1), from.strides.slice(0, -1)]);
  }
  const lead = (values: readonly number[], fill: number): number[] => [
    ...new Array<number>(3 - values.length).fill(fill),
    ...values,
  ];
  const sizes = lead(loops.sizes, 1);
  const volume = (view: View, channels: number, strides: readonly number[]): View => ({
    ...view,
    shape: [channels, ...sizes],
    strides: [1, ...lead(strides, 0)],
  });
  const ones = [1, 1, 1];
  const zeros = [0, 0, 0];
  const maker = emitProduct(e, {
    x: volume(from, depth, loops.strides[1]),
    y: volume(y, n, loops.strides[0]),
    windows: {
      input: sizes,
      output: sizes,
      kernel: ones,
      strides: ones,
      dilations: ones,
      padsBegin: zeros,
      padsEnd: zeros,
    },
    transposed: false,
    groups: 1,
    weights: {
      data: matrix.data,
      origin: 0,
      group: 0,
      output: matrix.column,
      input: matrix.row,
      tap: 0,
      scale: matrix.scale,
    },
    bias,
    key: matrix.key,
  });
  if (name !== undefined && maker !== null) e.makers.set(name, maker);
  return y;
}

/** a [..., m, k] times b [..., k, n], both of any kind; the axes before are broadcast. */
export function product(e: Emitter, a: View, b: View): View {
  const rank = Math.max(a.shape.length, b.shape.length);
  const outer: Shape = Array.from({ length: rank - 2 }, (_, axis) =>
    Math.max(a.shape[axis - rank + a.shape.length] ?? 1, b.shape[axis - rank + b.shape.length] ?? 1),
  );
  const [m, depth] = a.shape.slice(-2);
  const n = b.shape.at(-1) as number;
  const left = broadcastTo(a, [...outer, m, depth]);
  const right = broadcastTo(b, [...outer, depth, n]);
  const y = e.allocate([...outer, m, n]);
  const [alongA, alongB] = [left.strides.at(-1) as number, right.strides.at(-2) as number];
  const lists = [
    y.strides,
    left.strides.with(-1, 0),
    right.strides.with(-2, 0).with(-1, right.strides.at(-1) as number),
  ];
  const { sizes, strides } = loopsOver(y.shape, lists);
  const views = [y, left, right].flatMap((view, i) => viewWords(view, strides[i]));
  // The kernel runs over columns innermost: there must be a loop, if only of one turn.
  const words =
    sizes.length === 0
      ? [1, 1, ...[y, left, right].flatMap((view) => viewWords(view, [0]))]
      : [...loopWords(sizes), ...views];
  e.emit(STEP.matmul, [depth, ...words, alongA, alongB], [left, right], [y]);
  return y;
}

export const productRules: Readonly<Record<string, Rule>> = { Gemm: gemm, MatMul: matMul };
