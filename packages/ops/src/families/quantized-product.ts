import type { AttrSpec, Attrs, OpDef, OpExample, Value } from '@pathwise/graph';
import type { Shape } from '@pathwise/model';
import { defineOp } from '../define-op.ts';
import { dequantize, PER_TENSOR, quantize, type Granularity } from './quantization.ts';
import { never } from '../linearity.ts';

export interface QuantizedProduct {
  readonly name: string;
  readonly code: number;
  /** The op on floats that it stands for. */
  readonly base: OpDef;
  /** The axis of each factor along which a vector of scales lies. */
  readonly scaleAxes: (a: Shape, b: Shape) => readonly [number, number];
  /** A ninth input: an int32 bias whose scale is the product of the factors' scales. */
  readonly bias: boolean;
  readonly examples: readonly OpExample[];
}

/**
 * A product whose factors and result are quantized: inputs a, scale, zero point, b, scale, zero point, and the
 * result's scale and zero point. Lowered to DequantizeLinear, the op on floats, QuantizeLinear.
 */
export function quantizedProduct({ name, code, base, scaleAxes, bias, examples }: QuantizedProduct): OpDef {
  const how = (axis: number): Granularity => ({ axis, block_size: 0 });
  return defineOp<Attrs>({
    name,
    code,
    inputs: [
      'differentiable',
      'zero-gradient',
      'zero-gradient',
      'differentiable',
      'zero-gradient',
      'zero-gradient',
      'zero-gradient',
      'zero-gradient',
      ...(bias ? (['differentiable'] as const) : []),
    ],
    required: 8,
    straightThrough: true,
    attrs: base.attrs as Record<string, AttrSpec>,
    relevance: 'weighted-linear',
    affine: never,
    piecewiseLinear: never,
    kinks: true,
    infer([a, , , b, , , , zeroY], attrs) {
      const [{ shape }] = base.infer([a!, b!], attrs, 1);
      return [{ dtype: zeroY!.dtype, shape }];
    },
    forward([a, scaleA, zeroA, b, scaleB, zeroB, scaleY, zeroY, c], attrs, types) {
      const [axisA, axisB] = scaleAxes(a!.shape, b!.shape);
      const x: Value = { ...a!, data: dequantize(a!, scaleA!, zeroA, how(axisA)) };
      const w: Value = { ...b!, data: dequantize(b!, scaleB!, zeroB, how(axisB)) };
      const offset = c ? [{ ...c, data: dequantize(c, product(scaleA!, scaleB!), null, how(0)) }] : [];
      const [data] = base.forward([x, w, ...offset], attrs, types);
      return [quantize({ shape: types[0].shape, data }, scaleY!, zeroY, types[0].dtype, PER_TENSOR)];
    },
    lower(b, { inputs, attrs }) {
      const [a, scaleA, zeroA, w, scaleW, zeroW, scaleY, zeroY, c] = inputs;
      const [axisA, axisW] = scaleAxes(b.shape(a), b.shape(w));
      const factors = [
        b.emit('DequantizeLinear', [a, scaleA, zeroA], { axis: axisA }),
        b.emit('DequantizeLinear', [w, scaleW, zeroW], { axis: axisW }),
      ];
      if (c)
        factors.push(b.emit('DequantizeLinear', [c, b.reshape(b.mul(scaleA, scaleW), b.shape(scaleW))], { axis: 0 }));
      return [b.emit('QuantizeLinear', [b.emit(base.name, factors, attrs), scaleY, zeroY])];
    },
    examples,
  });
}

/** One scale times one or several. */
function product(one: Value, several: Value): Value {
  return { ...several, data: several.data.map((scale) => scale * one.data[0]) };
}
