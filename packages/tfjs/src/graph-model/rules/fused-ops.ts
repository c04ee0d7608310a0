import { PathwiseError } from '@pathwise/model';
import { aligned, elementWise, unary } from '../../layout/element-wise.ts';
import type { LayoutBuilder, LayoutValue } from '../../layout/layout-builder.ts';
import type { Call } from '../call.ts';

/** Activations by the name they have in `fused_ops`. */
const ACTIVATIONS: ReadonlyMap<string, (call: Call, x: LayoutValue, extra: readonly LayoutValue[]) => LayoutValue> =
  new Map([
    ['Relu', ({ l, name }, x) => unary(l, 'Relu', x, {}, name)],
    ['Relu6', ({ l, name }, x) => relu6(l, x, name)],
    ['Elu', ({ l, name }, x) => unary(l, 'Elu', x, {}, name)],
    [
      'LeakyRelu',
      ({ l, name, attrs }, x) => unary(l, 'LeakyRelu', x, { alpha: attrs.float('leakyrelu_alpha', 0.2) }, name),
    ],
    ['Sigmoid', ({ l, name }, x) => unary(l, 'Sigmoid', x, {}, name)],
    ['Tanh', ({ l, name }, x) => unary(l, 'Tanh', x, {}, name)],
    [
      'Prelu',
      ({ l, name }, x, [alpha]) => {
        if (alpha === undefined) throw new PathwiseError('BAD_FILE', 'the fused Prelu has no input for its slope');
        return prelu(l, x, alpha, name);
      },
    ],
  ]);

/**
 * What is fused behind a product: a bias first, then an activation. `emit` makes the product with that bias, under the
 * name given.
 * @throws PathwiseError UNSUPPORTED_OP for anything else in `fused_ops`
 */
export function withFusedOps(
  call: Call,
  emit: (bias: LayoutValue | undefined, name: string | undefined) => LayoutValue,
): LayoutValue {
  const fused = call.attrs.strings('fused_ops');
  const hasBias = fused[0] === 'BiasAdd';
  const [activation, ...others] = hasBias ? fused.slice(1) : fused;
  const apply = activation === undefined ? undefined : ACTIVATIONS.get(activation);
  if (others.length > 0 || (activation !== undefined && apply === undefined)) {
    throw new PathwiseError(
      'UNSUPPORTED_OP',
      `fused_ops [${fused.join(', ')}] are not supported; supported: BiasAdd, then one of ${[...ACTIVATIONS.keys()].join(', ')}`,
    );
  }
  const bias = hasBias ? call.input(2) : undefined;
  if (apply === undefined) return emit(bias, call.name);
  return apply(call, emit(bias, undefined), call.inputs.slice(hasBias ? 3 : 2));
}

export function relu6(l: LayoutBuilder, x: LayoutValue, name?: string): LayoutValue {
  const bound = (value: number): string => l.b.scalar(value, l.dtype(x));
  return l.emit('Clip', [x.ref, bound(0), bound(6)], {}, x.layout, name);
}

/** x where it is positive, else slope times x. */
export function prelu(l: LayoutBuilder, x: LayoutValue, slope: LayoutValue, name?: string): LayoutValue {
  const { refs, layout } = aligned(l, [x, slope]);
  return l.emit('PRelu', refs, {}, layout, name);
}

/** A vector added along the channels. */
export function addBias(call: Call, x: LayoutValue, bias: LayoutValue, channelsSecond: boolean): LayoutValue {
  const { l, name } = call;
  if (!channelsSecond || x.shape.length < 3) return elementWise(l, 'Add', [x, bias], {}, name);
  const column = l.value(l.b.reshape(bias.ref, [...bias.shape, ...new Array<number>(x.shape.length - 2).fill(1)]));
  return elementWise(l, 'Add', [x, column], {}, name);
}
