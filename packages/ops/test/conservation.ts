import type { OpDef } from '@pathwise/graph';
import { valuesOf, type RelevanceCase } from './relevance-case.ts';

interface Numbers {
  readonly at: Record<string, Float64Array>;
  readonly seed: Float64Array;
}

/**
 * The relevance that must arrive at the moving inputs of one op without stabilizer: all of it, less what constant terms
 * take. null where the rule makes no statement about the sum.
 *
 * @source proportional rules: R_k (y_k - c_k) / y_k with c_k the output where the moving inputs are 0 (Bach et al. 2015,
 *   equation 56 without stabilizer); softmax: sum x_i R_i - (sum x_i s_i) sum R (arXiv:2402.05602, proposition 3.1)
 */
export async function conserved(
  c: RelevanceCase,
  op: OpDef,
  moving: readonly number[],
  target: string,
  { at, seed }: Numbers,
): Promise<number | null> {
  const run = async (feeds: Record<string, Float64Array>): Promise<Float64Array> =>
    (await valuesOf(c.graph, { ...at, ...feeds }, [target]))[target];
  const set = (names: readonly string[], value: number): Record<string, Float64Array> =>
    Object.fromEntries(names.map((name) => [name, at[name].map(() => value)]));
  const total = (share: (k: number) => number): number => Array.from(seed).reduce((s, r, k) => s + r * share(k), 0);
  const y = await run({});
  const withoutConstants = async (zeroed: readonly string[]): Promise<number> => {
    const rest = await run(set(zeroed, 0));
    return total((k) => (y[k] === 0 ? 0 : (y[k] - rest[k]) / y[k]));
  };
  switch (op.relevance) {
    case 'weighted-linear':
      // Two moving factors share half each of everything.
      return moving.length === 1 ? withoutConstants(c.wrt) : null;
    case 'fixed-linear':
    case 'sum':
    case 'bias':
    case 'affine':
      return c.graph.nodes[0].inputs.length === 1 ? total(() => 1) : withoutConstants(c.wrt);
    case 'shape': {
      if (['add'].includes(c.graph.nodes[0].attrs['reduction'] as string)) return withoutConstants(c.wrt);
      const still = c.inputs.filter((name) => !c.wrt.includes(name));
      const [none, all] = [await run(set(c.inputs, 0)), await run({ ...set(still, 0), ...set(c.wrt, 1) })];
      return total((k) => Number(all[k] !== none[k]));
    }
    case 'softmax': {
      if (op.name !== 'Softmax') return total(() => 1);
      const x = at['x0'];
      const shape = c.graph.types.get('x0')!.shape;
      return softmaxSum(x, y, seed, shape, c.graph.nodes[0].attrs['axis'] as number);
    }
    case 'max': {
      if (!['Max', 'Min'].includes(op.name)) return total(() => 1);
      // Where an input that stays is the largest, it takes all.
      const still = c.inputs.filter((name) => !c.wrt.includes(name));
      const others = await run(set(still, op.name === 'Max' ? -1e9 : 1e9));
      return total((k) => Number(others[k] === y[k]));
    }
    case 'normalization': {
      if (moving.length === 1 && moving[0] === 2) return withoutConstants(c.wrt);
      // What the shift adds is constant; it is input 2 of those that have one.
      const shift = moving.includes(2) ? null : c.inputs.find((name) => name === 'x2');
      if (shift === undefined || shift === null) return target === 'y0' ? total(() => 1) : null;
      if (target !== 'y0') return null;
      const without = await run(set(['x2'], 0));
      return total((k) => (y[k] === 0 ? 0 : without[k] / y[k]));
    }
    case 'recurrent':
      // Beyond the end of a shorter sequence (input 4) there are zeros, which relevance cannot leave; the activation
      // Affine has a constant of its own.
      if (String(c.graph.nodes[0].attrs['activations'] as readonly string[]).includes('Affine')) return null;
      return moving.join() === '0' && (c.graph.nodes[0].inputs[4] ?? '') === '' ? total(() => 1) : null;
    case 'product':
      return ['Mul', 'Div', 'Pow'].includes(op.name) ? total(() => 1) : null;
    default:
      return total(() => 1);
  }
}

function softmaxSum(
  x: Float64Array,
  s: Float64Array,
  relevance: Float64Array,
  shape: readonly number[],
  axis: number,
): number {
  const at = axis < 0 ? axis + shape.length : axis;
  const count = shape[at];
  const inner = shape.slice(at + 1).reduce((a, b) => a * b, 1);
  let sum = 0;
  for (let line = 0; line < x.length / count; line++) {
    const base = Math.floor(line / inner) * count * inner + (line % inner);
    let whole = 0;
    let mean = 0;
    for (let k = 0; k < count; k++) {
      const i = base + k * inner;
      whole += relevance[i];
      mean += x[i] * s[i];
      sum += x[i] * relevance[i];
    }
    sum -= mean * whole;
  }
  return sum;
}
