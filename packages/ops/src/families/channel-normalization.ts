import { shapeError, type Shape } from '@pathwise/model';
import type { Attrs, AttrSpec, NodeRefs, OpDef, OperandInfo, OpExample } from '@pathwise/graph';
import type { OpBuilder } from '../builder.ts';
import { defineOp } from '../define-op.ts';
import { emitStandardized, scaleAndShift, standardize, standardizedGradient, type Rows } from './normalization.ts';

type EpsilonAttrs = Attrs & { readonly epsilon: number };

export interface ChannelNormalization<A extends EpsilonAttrs> {
  readonly name: string;
  readonly code: number;
  readonly attrs: Readonly<Record<string, AttrSpec>>;
  /** Which elements of x [batch, channels, ...] are normalized together; throws where the attributes do not fit. */
  readonly rows: (shape: Shape, attrs: A) => Rows;
  readonly examples: readonly OpExample<A>[];
}

/** Standardizes parts of x [batch, channels, ...], then scales and shifts each channel (scale and bias [channels]). */
export function channelNormalization<A extends EpsilonAttrs>(op: ChannelNormalization<A>): OpDef {
  return defineOp<A>({
    name: op.name,
    code: op.code,
    inputs: ['differentiable', 'differentiable', 'differentiable'],
    attrs: op.attrs,
    relevance: 'normalization',
    affine: (moving) => !moving.includes(0) && moving.length <= 2,
    piecewiseLinear: (moving) => !moving.includes(0) && moving.length <= 2,
    kinks: false,
    infer([x, scale, bias], attrs) {
      checkChannels(x!, scale!, bias!);
      op.rows(x!.shape, attrs);
      return [{ dtype: x!.dtype, shape: x!.shape }];
    },
    forward([x, scale, bias], attrs) {
      const { data } = standardize(x!.data, op.rows(x!.shape, attrs), attrs.epsilon, true);
      scaleAndShift(data, x!.shape, scale!, bias!, perChannel(x!.shape));
      return [data];
    },
    vjp(b, { inputs: [x, scale, bias], attrs, needs }, [dy]) {
      const shape = b.shape(x);
      const rows = op.rows(shape, attrs);
      const channels = perChannel(shape);
      const z = emitStandardized(b, x, rows, attrs.epsilon, true);
      const sumPerChannel = (t: string, like: string): string => b.reshape(b.sumTo(t, channels), b.shape(like));
      const dz = b.mul(dy!, b.reshape(scale, channels));
      return [
        needs[0] ? b.reshape(standardizedGradient(b, z, b.reshape(dz, [rows.rows, rows.size])), shape) : null,
        needs[1] ? sumPerChannel(b.mul(dy!, b.reshape(z.data, shape)), scale) : null,
        needs[2] ? sumPerChannel(dy!, bias) : null,
      ];
    },
    lower(b: OpBuilder, { inputs: [x, scale, bias], attrs }: NodeRefs<A>) {
      const shape = b.shape(x);
      const { data } = emitStandardized(b, x, op.rows(shape, attrs), attrs.epsilon, true);
      const scaled = b.mul(b.reshape(data, shape), b.reshape(scale, perChannel(shape)));
      return [b.add(scaled, b.reshape(bias, perChannel(shape)))];
    },
    examples: op.examples,
  });
}

/** Shape under which a vector of channels broadcasts to `shape`. */
export function perChannel(shape: Shape): number[] {
  return shape.map((d, axis) => (axis === 1 ? d : 1));
}

/** @throws PathwiseError BAD_SHAPE if one of `parameters` is not one number a channel. */
export function checkChannels(x: OperandInfo, ...parameters: readonly OperandInfo[]): void {
  if (x.shape.length < 2) throw shapeError('inputs', 'X', '[batch,channels,...]', x.shape);
  for (const { shape } of parameters) {
    if (shape.length !== 1 || shape[0] !== x.shape[1]) {
      throw shapeError('inputs', 'the parameters of the channels', `[${x.shape[1]}]`, shape);
    }
  }
}
