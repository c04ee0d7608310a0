import { argumentError } from '@pathwise/model';
import type { Border } from '../baselines/baseline.ts';
import { gaussianBlur } from '../baselines/blur.ts';
import type { Context } from '../context.ts';
import type { ParamSpec } from '../params.ts';
import type { Source } from '../source.ts';

/** What shapes a path of blurred inputs. */
export const blurParams: readonly ParamSpec[] = [
  {
    name: 'sigmaMax',
    type: 'number',
    default: 50,
    min: 0.125,
    doc: 'Standard deviation of the blur at the start of the path, in elements.',
  },
  {
    name: 'spacing',
    type: 'choice',
    default: 'sigma',
    choices: ['sigma', 'sigma-squared'],
    doc: 'What the points of the path are equidistant in.',
  },
  {
    name: 'border',
    type: 'choice',
    default: 'zero',
    choices: ['zero', 'reflect', 'nearest'],
    doc: 'What lies beyond the border of the input.',
  },
  {
    name: 'axes',
    type: 'numbers',
    default: [],
    min: 0,
    doc: 'Axes of a row that are blurred; without them the last two of three, otherwise the last; of a text the tokens.',
  },
];

/** The path of blurred inputs, counted from the input outwards. */
export interface BlurPath {
  /** The standard deviation of point k: 0 at the input, k = 0; sigmaMax at the start of the path. */
  sigmaAt(k: number): number;
  /** All attributed tensors of a row blurred, one after another. */
  blurred(row: number, sigma: number): Float64Array;
}

/**
 * The path of `steps` steps from the input blurred with sigmaMax to the input.
 * @throws PathwiseError BAD_ARGUMENT for axes that a row does not have, or where none are obvious
 * @source Xu, Venugopalan, Sundararajan 2020, arXiv:2004.03383
 */
export function blurPath(context: Context, steps: number): BlurPath {
  const { params, sources } = context;
  const axes = sources.map((source) => axesOf(context, source));
  return {
    sigmaAt(k) {
      const share = params['spacing'] === 'sigma' ? k / steps : Math.sqrt(k / steps);
      return (params['sigmaMax'] as number) * share;
    },
    blurred: (row, sigma) => blurRow(context, axes, row, sigma),
  };
}

/** Axes of a row of the input that are space or time. */
function axesOf({ method, params }: Context, { input, shape, ids, channelAxis }: Source): readonly number[] {
  const given = params['axes'] as readonly number[];
  if (given.length > 0) {
    if (given.every((axis) => Number.isInteger(axis) && axis < shape.length)) return given;
    throw argumentError(method, `parameter axes for "${input}"`, `axes below ${shape.length}`, [...given]);
  }
  if (ids !== null) return [0];
  const others = shape.map((_, axis) => axis).filter((axis) => axis !== channelAxis);
  if (shape.length === 2 || shape.length === 3) return others;
  if (shape.length === 1) return [0];
  const expected = `the axes to blur, as a row has shape [${shape.join(',')}]`;
  throw argumentError(method, `parameter axes for "${input}"`, expected, 'nothing');
}

/** All attributed tensors of a row blurred, one after another. */
function blurRow(
  { params, sources }: Context,
  axes: readonly (readonly number[])[],
  row: number,
  sigma: number,
): Float64Array {
  const out = new Float64Array(sources.reduce((sum, { size }) => sum + size, 0));
  let at = 0;
  for (const [i, { values, shape, size }] of sources.entries()) {
    const own = values.slice(row * size, (row + 1) * size);
    out.set(gaussianBlur(own, shape, axes[i], sigma, params['border'] as Border), at);
    at += size;
  }
  return out;
}
