import fc from 'fast-check';
import { toyModel, type ToyModel, type ToyOptions } from './toy-model.ts';

/** Multiples of 1/8: sums and products of few of them are exact, so ties are real ties and not rounding. */
export const eighths = (range = 16): fc.Arbitrary<number> => fc.integer({ min: -range, max: range }).map((k) => k / 8);

export interface RandomToy {
  readonly options: ToyOptions;
  readonly features: number;
  readonly outputs: number;
}

/** A network x -> z (affine) -> h (element-wise) -> y (affine, two outputs), with `features` inputs. */
export function networks(
  activations: readonly string[] = ['relu', 'abs', 'tanh', 'sigmoid'],
  features = 3,
  units = 4,
): fc.Arbitrary<RandomToy> {
  const row = (length: number) => fc.array(eighths(), { minLength: length, maxLength: length });
  return fc
    .record({
      inner: fc.array(row(features + 1), { minLength: units, maxLength: units }),
      activation: fc.array(fc.constantFrom(...activations), { minLength: units, maxLength: units }),
      outer: fc.array(row(units + 1), { minLength: 2, maxLength: 2 }),
    })
    .map(({ inner, activation, outer }) => ({
      features,
      outputs: 2,
      options: {
        inputs: { x: features },
        tensors: { z: inner.map((w) => affine('x', w)), h: activation.map((f, i) => `${f}(z${i})`) },
        outputs: outer.map((w) => affine('h', w)),
      },
    }));
}

/** A row of inputs. */
export function rows(features: number): fc.Arbitrary<number[]> {
  return fc.array(eighths(24), { minLength: features, maxLength: features });
}

export function build({ options }: RandomToy): ToyModel {
  return toyModel(options);
}

/** w0 * t0 + w1 * t1 + ... + bias, the bias last. */
function affine(tensor: string, weights: readonly number[]): string {
  return weights.map((w, i) => (i === weights.length - 1 ? `${w}` : `${w}*${tensor}${i}`)).join(' + ');
}
