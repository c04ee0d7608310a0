import type { BreakpointRequest } from '../src/capabilities.ts';
import { PathwiseError } from '../src/errors.ts';
import { toFloat64, type Tensor } from '../src/tensor.ts';
import { evaluateOperation } from './algebra.ts';
import { smoothSteps, type ToyGraph } from './toy-graph.ts';

/**
 * Kinks of a piecewise-linear toy along a straight path. Steps are walked in order; between the breakpoints found so
 * far every earlier step is affine, so a sign change of a step's argument is found by linear interpolation.
 */
export function toyBreakpoints(
  graph: ToyGraph,
  { from, to, constants, target, limit }: BreakpointRequest,
): Float64Array {
  const moving = Object.keys(from);
  const tape = graph.tape([...moving, ...Object.keys(constants)], [target]);
  const kinds = graph.kinds(tape, moving);
  const [blocker] = smoothSteps(tape, kinds, target);
  if (blocker !== undefined)
    throw new PathwiseError('UNSUPPORTED_METHOD', `exact: ${blocker.op} at ${blocker.node} is not piecewise linear`);
  const alphas = [0, 1];
  const values: number[][] = []; // per step, one value a breakpoint
  const insert = (at: number, alpha: number, share: number): void => {
    if (alphas.length > limit + 1) {
      throw new PathwiseError('LIMIT_EXCEEDED', `exact: more than ${limit} breakpoints; use a tolerance`);
    }
    alphas.splice(at, 0, alpha);
    for (const row of values) {
      row.splice(at, 0, (row[at - 1] as number) * (1 - share) + (row[at] as number) * share);
    }
  };
  const read = (feeds: Readonly<Record<string, Tensor>>, name: string, index: number): number =>
    toFloat64((feeds[name] as Tensor).data)[index] as number;
  for (const step of tape.steps) {
    if (step.kind === 'number') {
      values.push(alphas.map(() => step.value));
    } else if (step.kind === 'leaf') {
      const { tensor, index } = step;
      const [start, end] = moving.includes(tensor)
        ? [read(from, tensor, index), read(to, tensor, index)]
        : [read(constants, tensor, index), read(constants, tensor, index)];
      values.push(alphas.map((alpha) => (1 - alpha) * start + alpha * end));
    } else {
      const a = values[step.a] as number[];
      const b = values[step.b] as number[];
      const argument = (i: number): number => {
        if (step.op === 'relu' || step.op === 'abs') return a[i] as number;
        if (step.op === 'max' || step.op === 'min') return (a[i] as number) - (b[i] as number);
        return 1;
      };
      for (let i = 1; i < alphas.length; i++) {
        const [left, right] = [argument(i - 1), argument(i)];
        if (left * right >= 0) continue;
        const share = left / (left - right);
        insert(i, (alphas[i - 1] as number) * (1 - share) + (alphas[i] as number) * share, share);
        i++;
      }
      values.push(alphas.map((_, i) => evaluateOperation(step.op, a[i] as number, b[i] as number)));
    }
  }
  return Float64Array.from(alphas.slice(1, -1));
}
