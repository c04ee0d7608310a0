import type { OpDef } from '@pathwise/graph';
import { constantInts } from '../constants.ts';
import { defineOp } from '../define-op.ts';
import { never } from '../linearity.ts';
import {
  activationSets,
  lengthOf,
  sizesOf,
  stateShape,
  type RecurrentAttrs,
  type RecurrentCell,
} from './recurrent-cell.ts';
import { run } from './recurrent-run.ts';
import { unroll } from './recurrent-unroll.ts';

/** A recurrent layer over sequences [t, n, features], or [n, t, features] with layout 1. */
export function recurrent<A extends RecurrentAttrs>(cell: RecurrentCell<A>): OpDef {
  const state = cell.hasCell
    ? (['differentiable', 'differentiable', 'differentiable'] as const)
    : (['differentiable'] as const);
  return defineOp<A>({
    name: cell.name,
    code: cell.code,
    inputs: ['differentiable', 'differentiable', 'differentiable', 'differentiable', 'index', ...state],
    required: 3,
    maxOutputs: cell.hasCell ? 3 : 2,
    attrs: {
      activation_alpha: { type: 'floats' },
      activation_beta: { type: 'floats' },
      activations: { type: 'strings' },
      direction: { type: 'string', default: 'forward', oneOf: ['forward', 'reverse', 'bidirectional'] },
      hidden_size: { type: 'int' },
      layout: { type: 'int', default: 0 },
      ...cell.attrs,
    },
    relevance: 'recurrent',
    affine: never,
    piecewiseLinear: never,
    kinks: false,
    infer([x, w, r, , lengths], attrs, outputs) {
      const s = sizesOf(cell, x!.shape, w!.shape, r!.shape, attrs);
      lengthOf(lengths ? constantInts(lengths, 'sequence_lens') : [], s);
      activationSets(cell, attrs, s.directions);
      const y = attrs.layout ? [s.batch, s.steps, s.directions, s.hidden] : [s.steps, s.directions, s.batch, s.hidden];
      const last = stateShape(s, attrs.layout);
      return [y, last, last].slice(0, outputs).map((shape) => ({ dtype: x!.dtype, shape }));
    },
    forward: (inputs, attrs, types) => run(cell, inputs, attrs).slice(0, types.length),
    lower: (b, { inputs, attrs }) => unroll(cell, b, inputs, attrs),
    examples: cell.examples,
  });
}
