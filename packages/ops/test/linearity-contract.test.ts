import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { sizeOf } from '@pathwise/model';
import { completeAttrs, valueOf, type Attrs, type OpDef, type OpExample, type Value } from '@pathwise/graph';
import { allOps } from '../src/index.ts';
import { isShape } from './generators/generated-case.ts';

type Values = readonly (Value | null)[];

const cases = allOps.flatMap((op) =>
  op.examples.flatMap((example) =>
    movingSets(op, example)
      .filter((moving) => op.piecewiseLinear(moving, completeAttrs(op, example.attrs ?? {}, op.name)))
      .map((moving) => [`${op.name}, ${example.name}, inputs ${moving.join(', ')} move`, op, example, moving] as const),
  ),
);

// Definition: on a straight path of its moving inputs an affine op moves on a straight line, a piecewise-linear one
// between two neighbouring crossings.
describe('affine and piecewise-linear ops are what they say', () => {
  test.each(cases)('%s', (_label, op, example, moving) => {
    const attrs = completeAttrs(op, example.attrs ?? {}, op.name);
    const [low, high] = example.domain ?? [-2, 2];
    // Values at random, not the special ones that fc.double prefers: at ties the places of crossings are ill-posed.
    const element = fc.nat(2 ** 30).map((n) => low + ((high - low) * n) / 2 ** 30);
    const sizes = example.inputs.map((input) => (isShape(input) ? sizeOf(input) : 0));
    const data = fc.noShrink(fc.tuple(...sizes.map((size) => fc.array(element, { minLength: size, maxLength: size }))));
    fc.assert(
      fc.property(data, data, (from, to) => {
        const at = (t: number): Values =>
          example.inputs.map((input, i) => {
            if (input === null) return null;
            if (!isShape(input)) return valueOf(input);
            const along = from[i].map((v, k) => (moving.includes(i) ? (1 - t) * v + t * to[i][k] : v));
            return { dtype: 'float32', shape: input, data: Float64Array.from(along) };
          });
        const affine = op.affine(moving, attrs);
        if (!affine) expect('crossings' in op).toBe(true);
        const places = affine ? [] : op.crossings!(at(0), at(1), attrs).sort((a, b) => a - b);
        const ends = [0, ...places, 1];
        for (let i = 1; i < ends.length; i++) {
          const width = ends[i] - ends[i - 1];
          if (width < 1e-6) continue;
          const [left, middle, right] = [0.1, 0.5, 0.9].map((share) =>
            evaluate(op, at(ends[i - 1] + share * width), attrs, example.outputs ?? 1),
          );
          expect(middle).toBeClose(
            left.map((v, k) => (v + right[k]) / 2),
            { rtol: 1e-9, atol: 1e-9 },
          );
        }
      }),
      { seed: 42, numRuns: 20 },
    );
  });
});

/** The non-empty sets of differentiable inputs that the example does not fix, three inputs at most. */
function movingSets(op: OpDef, { inputs }: OpExample): number[][] {
  const free = inputs.flatMap((input, i) =>
    isShape(input) && op.inputs[Math.min(i, op.inputs.length - 1)] === 'differentiable' ? [i] : [],
  );
  return free
    .slice(0, 3)
    .reduce<number[][]>((sets, i) => [...sets, ...sets.map((set) => [...set, i])], [[]])
    .filter((set) => set.length > 0);
}

/** The float outputs, one behind the other. */
function evaluate(op: OpDef, inputs: Values, attrs: Attrs, outputs: number): number[] {
  const operands = inputs.map(
    (value) => value && { ...value, value: { dtype: value.dtype, shape: value.shape, data: value.data } },
  );
  const types = op.infer(operands, attrs, outputs);
  const results = op.forward(inputs, attrs, types);
  return types.flatMap(({ dtype }, i) => (dtype.startsWith('float') ? Array.from(results[i]) : []));
}
