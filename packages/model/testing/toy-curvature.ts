import { derivative, type Operation } from './algebra.ts';
import type { Tape } from './toy-graph.ts';

/** H v for directions v of some tensors: the tangent of the backward pass. */
export function toyCurvature(
  tape: Tape,
  values: Float64Array,
  [target, weights]: readonly [tensor: string, weights: ArrayLike<number>],
  directions: ReadonlyMap<string, ArrayLike<number>>,
): number[][] {
  const count = tape.steps.length;
  const [tangent, adjoint, moved] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
  const at = (name: string): readonly number[] => tape.at.get(name) as number[];
  const given = new Map<number, number>();
  for (const [name, own] of directions) for (const [k, i] of at(name).entries()) given.set(i, own[k] as number);
  const value = (i: number): number => values[i] as number;
  const add = (list: Float64Array, i: number, more: number): void => {
    list[i] = (list[i] as number) + more;
  };
  for (const [i, step] of tape.steps.entries()) {
    const own = given.get(i);
    if (own !== undefined) tangent[i] = own;
    if (own !== undefined || step.kind !== 'operation') continue;
    const [da, db] = derivative(step.op, value(step.a), value(step.b), value(i));
    tangent[i] = da * (tangent[step.a] as number) + (db === 0 ? 0 : db * (tangent[step.b] as number));
  }
  for (const [k, i] of at(target).entries()) add(adjoint, i, weights[k] as number);
  for (let i = count - 1; i >= 0; i--) {
    const step = tape.steps[i];
    if (step?.kind !== 'operation') continue;
    const { a, b, op } = step;
    const [w, dw, ta, tb] = [adjoint[i], moved[i], tangent[a], tangent[b]] as [number, number, number, number];
    const [da, db] = derivative(op, value(a), value(b), value(i));
    const [daa, dab, dbb] = secondDerivative(op, value(a), value(b), value(i));
    add(adjoint, a, w * da);
    add(moved, a, dw * da + w * (daa * ta + dab * tb));
    if (db === 0 && dab === 0) continue;
    add(adjoint, b, w * db);
    add(moved, b, dw * db + w * (dab * ta + dbb * tb));
  }
  return [...directions.keys()].map((name) => at(name).map((i) => moved[i] as number));
}

/** Second partial derivatives (aa, ab, bb) at (a, b) with value y; 0 for what is piecewise linear. */
function secondDerivative(op: Operation, a: number, b: number, y: number): readonly [number, number, number] {
  switch (op) {
    case 'mul':
      return [0, 1, 0];
    case 'div':
      return [0, -1 / (b * b), (2 * a) / b ** 3];
    case 'pow':
      return [b * (b - 1) * a ** (b - 2), 0, 0];
    case 'tanh':
      return [-2 * y * (1 - y * y), 0, 0];
    case 'sigmoid':
      return [y * (1 - y) * (1 - 2 * y), 0, 0];
    case 'exp':
      return [y, 0, 0];
    case 'ln':
      return [-1 / (a * a), 0, 0];
    case 'sqrt':
      return [-0.25 / y ** 3, 0, 0];
    case 'sin':
    case 'cos':
      return [-y, 0, 0];
    default:
      return [0, 0, 0];
  }
}
