import { sameShape, sizeOf, type DType } from '@pathwise/model';
import type { Linearity, OpDef, OpExample, RelevanceClass, Value } from '@pathwise/graph';
import { broadcastIndex, broadcastShapes } from '../broadcast.ts';
import type { OpBuilder } from '../builder.ts';
import { defineOp } from '../define-op.ts';
import { never } from '../linearity.ts';

export interface BinaryOp {
  readonly name: string;
  readonly code: number;
  readonly f: (a: number, b: number) => number;
  /** Result on integers, where it differs (Div truncates). */
  readonly integer?: (a: number, b: number) => number;
  /** Element type of the result; default: that of the first input. */
  readonly result?: DType;
  /**
   * Emits the two cotangents at the broadcast shape (null: none); they are summed back to the inputs' shapes.
   * Absent: the result has no gradient.
   */
  readonly gradient?: (
    b: OpBuilder,
    refs: { x: string; y: string; out: string; dout: string; needs: readonly boolean[] },
  ) => [string | null, string | null];
  readonly affine?: Linearity;
  readonly piecewiseLinear?: Linearity;
  readonly kinks?: boolean;
  readonly crossings?: OpDef['crossings'];
  readonly relevance: RelevanceClass;
  readonly examples?: readonly OpExample[];
}

const SHAPES: readonly OpExample[] = [
  {
    name: 'same shapes',
    inputs: [
      [2, 3],
      [2, 3],
    ],
  },
  {
    name: 'broadcast both ways',
    inputs: [
      [2, 1, 3],
      [4, 1],
    ],
  },
  { name: 'scalar', inputs: [[2, 3], []] },
];

/** An element-wise op of two inputs with broadcasting. */
export function binary(op: BinaryOp): OpDef {
  const { gradient } = op;
  const affine = op.affine ?? never;
  return defineOp({
    name: op.name,
    code: op.code,
    inputs: gradient === undefined ? ['zero-gradient', 'zero-gradient'] : ['differentiable', 'differentiable'],
    attrs: {},
    relevance: op.relevance,
    affine,
    piecewiseLinear: op.piecewiseLinear ?? affine,
    kinks: op.kinks ?? false,
    infer: ([x, y]) => [{ dtype: op.result ?? x!.dtype, shape: broadcastShapes(x!.shape, y!.shape) }],
    forward([x, y], _attrs, [type]) {
      const integer = !x!.dtype.startsWith('float');
      return [zip(x!, y!, type.shape, integer ? (op.integer ?? op.f) : op.f)];
    },
    ...(gradient && {
      vjp(b: OpBuilder, { inputs, outputs, needs }, [dout]) {
        const [x, y] = inputs as [string, string];
        const [dx, dy] = gradient(b, { x, y, out: outputs[0]!, dout: dout!, needs });
        return [
          dx !== null && needs[0] ? b.sumTo(dx, b.shape(x)) : null,
          dy !== null && needs[1] ? b.sumTo(dy, b.shape(y)) : null,
        ];
      },
    }),
    ...(op.crossings && { crossings: op.crossings }),
    examples: op.examples ?? SHAPES,
  });
}

/** f over two values broadcast to `shape`. */
export function zip(x: Value, y: Value, shape: readonly number[], f: (a: number, b: number) => number): Float64Array {
  const size = sizeOf(shape);
  const out = new Float64Array(size);
  const a = x.data;
  const b = y.data;
  if (sameShape(x.shape, shape) && sameShape(y.shape, shape)) {
    for (let i = 0; i < size; i++) out[i] = f(a[i], b[i]);
  } else if (b.length === 1 && a.length === size) {
    for (let i = 0; i < size; i++) out[i] = f(a[i], b[0]);
  } else if (a.length === 1 && b.length === size) {
    for (let i = 0; i < size; i++) out[i] = f(a[0], b[i]);
  } else {
    const ia = broadcastIndex(x.shape, shape);
    const ib = broadcastIndex(y.shape, shape);
    for (let i = 0; i < size; i++) out[i] = f(a[ia[i]], b[ib[i]]);
  }
  return out;
}
