import { broadcastShapes } from '../broadcast.ts';
import { PathwiseError, tensor, type DType, type Tensor } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { defineOp } from '../define-op.ts';
import { zip } from '../families/binary.ts';
import { map } from '../families/unary.ts';
import { never } from '../linearity.ts';

type BigIntFunction = (a: bigint, b: bigint) => bigint;

/** An op on the bits of two integers; results wrap around as the type does. */
function bitwise(name: string, code: number, f: BigIntFunction): OpDef {
  return defineOp({
    name,
    code,
    inputs: ['zero-gradient', 'zero-gradient'],
    attrs: {},
    relevance: 'stop',
    affine: never,
    piecewiseLinear: never,
    kinks: true,
    infer: ([x, y]) => [{ dtype: integerType(x!.dtype), shape: broadcastShapes(x!.shape, y!.shape) }],
    forward: ([x, y], _attrs, [type]) => [zip(x!, y!, type.shape, onNumbers(type.dtype, f))],
    examples: [{ name: 'bytes', inputs: [bytes([2, 2], [0, 5, 255, 12]), bytes([2], [3, 250])] }],
  });
}

export const bitwiseAnd: OpDef = bitwise('BitwiseAnd', 0x0228, (a, b) => a & b);
export const bitwiseOr: OpDef = bitwise('BitwiseOr', 0x0229, (a, b) => a | b);
export const bitwiseXor: OpDef = bitwise('BitwiseXor', 0x022a, (a, b) => a ^ b);

export const bitwiseNot: OpDef = defineOp({
  name: 'BitwiseNot',
  code: 0x0128,
  inputs: ['zero-gradient'],
  attrs: {},
  relevance: 'stop',
  affine: never,
  piecewiseLinear: never,
  kinks: true,
  infer: ([x]) => [{ dtype: integerType(x!.dtype), shape: x!.shape }],
  forward: ([x], _attrs, [type]) => [
    map(
      x!,
      onNumbers(type.dtype, (a) => ~a),
    ),
  ],
  examples: [{ name: 'bytes', inputs: [bytes([3], [0, 5, 255])] }],
});

/** Shifts unsigned integers by y bits; bits beyond the type are lost. */
export const bitShift: OpDef = defineOp<{ direction: string }>({
  name: 'BitShift',
  code: 0x022b,
  inputs: ['zero-gradient', 'zero-gradient'],
  attrs: { direction: { type: 'string', required: true, oneOf: ['LEFT', 'RIGHT'] } },
  relevance: 'stop',
  affine: never,
  piecewiseLinear: never,
  kinks: true,
  infer: ([x, y]) => [{ dtype: integerType(x!.dtype), shape: broadcastShapes(x!.shape, y!.shape) }],
  forward: ([x, y], { direction }, [type]) => [
    zip(x!, y!, type.shape, onNumbers(type.dtype, direction === 'LEFT' ? (a, b) => a << b : (a, b) => a >> b)),
  ],
  examples: [
    { name: 'left', attrs: { direction: 'LEFT' }, inputs: [bytes([3], [1, 200, 3]), bytes([3], [7, 1, 0])] },
    { name: 'right', attrs: { direction: 'RIGHT' }, inputs: [bytes([3], [1, 200, 3]), bytes([], [1])] },
  ],
});

function bytes(shape: readonly number[], values: readonly number[]): Tensor {
  return tensor('uint8', shape, values);
}

function integerType(dtype: DType): DType {
  if (dtype === 'bool' || dtype.startsWith('float')) {
    throw new PathwiseError('BAD_FILE', `expected integers, got ${dtype}`);
  }
  return dtype;
}

/** `f` on numbers that hold integers of `dtype`. */
function onNumbers(dtype: DType, f: BigIntFunction): (a: number, b?: number) => number {
  const bits = Number(/\d+$/.exec(dtype)![0]);
  const unsigned = dtype.startsWith('u');
  return (a, b = 0) => {
    const result = f(BigInt(a), BigInt(b));
    return Number(unsigned ? BigInt.asUintN(bits, result) : BigInt.asIntN(bits, result));
  };
}
