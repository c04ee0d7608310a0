import type { Propagation } from '../src/propagation.ts';
import { derivative, evaluateOperation, type Operation } from './algebra.ts';
import type { Tape } from './toy-graph.ts';

const JOINING: ReadonlySet<Operation> = new Set(['add', 'sub', 'mul', 'div', 'pow', 'max', 'min']);

/**
 * Relevance, rectified gradients or multipliers (rescale) of every step of a toy model, by the rules for scalars. `from`
 * holds the steps at the baseline.
 */
export function toyPropagate(
  tape: Tape,
  values: Float64Array,
  from: Float64Array,
  start: Float64Array,
  propagation: Propagation,
): Float64Array {
  const carried = start;
  for (let i = tape.steps.length - 1; i >= 0; i--) {
    const step = tape.steps[i];
    const own = carried[i] as number;
    if (step?.kind !== 'operation' || own === 0) continue;
    const { op, a, b } = step;
    const ends = [values[a], values[b], from[a], from[b], values[i], from[i]] as Ends;
    const [left, right] = shares(op, own, ends, propagation);
    carried[a] = (carried[a] as number) + left;
    if (JOINING.has(op)) carried[b] = (carried[b] as number) + right;
  }
  return carried;
}

type Ends = readonly [a1: number, b1: number, a0: number, b0: number, y1: number, y0: number];

function shares(op: Operation, own: number, ends: Ends, propagation: Propagation): readonly [number, number] {
  const [a1, b1, , , y1] = ends;
  const [da, db] = derivative(op, a1, b1, y1);
  switch (propagation.kind) {
    case 'rectified': {
      const cut = op === 'relu' ? Math.max(own, 0) : own;
      return op === 'relu' && !propagation.gated ? [cut, 0] : [cut * da, cut * db];
    }
    case 'relevance':
      return relevance(op, own, ends);
    default:
      return multipliers(op, own, ends);
  }
}

/** In proportion to the terms of a sum, half to each factor, the numerator of a quotient, the winner. */
function relevance(op: Operation, own: number, [a, b, , , y]: Ends): readonly [number, number] {
  const quotient = y === 0 ? 0 : own / y;
  switch (op) {
    case 'add':
      return [a * quotient, b * quotient];
    case 'sub':
      return [a * quotient, -b * quotient];
    case 'mul':
      return [own / 2, own / 2];
    case 'max':
      return b > a ? [0, own] : [own, 0];
    case 'min':
      return b < a ? [0, own] : [own, 0];
    default:
      return [own, 0];
  }
}

/** Half of the change while the other operand is at either end, over the operand's own change. */
function multipliers(op: Operation, own: number, [a1, b1, a0, b0, y1, y0]: Ends): readonly [number, number] {
  const slope = (change: number, d: number, limit: number): number =>
    Math.abs(d) <= 1e-10 ? own * limit : (own * change) / d;
  if (!JOINING.has(op)) return [slope(y1 - y0, a1 - a0, derivative(op, a1, b1, y1)[0]), 0];
  const [y01, y10] = [evaluateOperation(op, a0, b1), evaluateOperation(op, a1, b0)];
  const at = (a: number, b: number): readonly [number, number] => derivative(op, a, b, evaluateOperation(op, a, b));
  return [
    slope((y1 - y01 + y10 - y0) / 2, a1 - a0, (at(a1, b1)[0] + at(a1, b0)[0]) / 2),
    slope((y1 - y10 + y01 - y0) / 2, b1 - b0, (at(a1, b1)[1] + at(a0, b1)[1]) / 2),
  ];
}
