import { PathwiseError } from '@pathwise/model';
import { pad, takeAt } from '../../layout/along-axes.ts';
import type { LayoutValue } from '../../layout/layout-builder.ts';
import type { Call, Rule, Rules } from '../call.ts';

const padRule: Rule = (call) => {
  const value = call.inputs.length > 2 ? call.input(2) : undefined;
  return pad(call.l, call.input(0), amountsOf(call, call.input(0)), { value, name: call.name });
};

/** REFLECT leaves the border out; SYMMETRIC repeats it, for which there is no mode: the places are looked up. */
const mirrorPad: Rule = (call) => {
  const { l, attrs, name } = call;
  const x = call.input(0);
  const amounts = amountsOf(call, x);
  const mode = attrs.oneOf('mode', ['REFLECT', 'SYMMETRIC']);
  for (const [axis, sides] of amounts.entries()) {
    const most = (x.shape[axis] as number) - (mode === 'REFLECT' ? 1 : 0);
    if (sides.some((amount) => amount < 0 || amount > most)) {
      throw new PathwiseError(
        'BAD_SHAPE',
        `axis ${axis} of size ${x.shape[axis]} cannot be mirrored by ${sides.join(' and ')}`,
      );
    }
  }
  if (mode === 'REFLECT') return pad(l, x, amounts, { mode: 'reflect', name });
  const padded = [...amounts.entries()].filter(([, sides]) => sides.some((amount) => amount > 0));
  return padded.reduce<LayoutValue>(
    (value, [axis, sides], i) =>
      takeAt(l, value, mirrored(x.shape[axis] as number, sides), axis, i === padded.length - 1 ? name : undefined),
    x,
  );
};

function mirrored(size: number, [before, after]: readonly [number, number]): number[] {
  return Array.from({ length: before + size + after }, (_, i) => {
    const at = i - before;
    if (at < 0) return -1 - at;
    return at < size ? at : 2 * size - 1 - at;
  });
}

function amountsOf(call: Call, x: LayoutValue): [before: number, after: number][] {
  const flat = call.ints(1, 'paddings');
  if (flat.length !== 2 * x.shape.length) {
    throw new PathwiseError('BAD_SHAPE', `expected ${x.shape.length} pairs of paddings, got ${flat.length / 2}`);
  }
  return x.shape.map((_, axis) => [flat[2 * axis] as number, flat[2 * axis + 1] as number]);
}

export const paddingRules: Rules = { MirrorPad: mirrorPad, Pad: padRule, PadV2: padRule };
