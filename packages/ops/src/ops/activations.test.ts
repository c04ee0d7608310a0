import { describe, expect, test } from 'vitest';
import { differentiate } from '@pathwise/graph';
import { float64 } from '@pathwise/model';
import { evaluateOp } from '../../test/evaluate.ts';
import { gradientAt } from '../../test/gradient-at.ts';
import { graphBuilder, ops, referenceEngine } from '../index.ts';

// Values at -30, -3, -0.5, 0, 0.5, 3, 30. Source: mpmath 1.3 with 40 digits (Gelu at -30: 80), from the definitions.
const POINTS = [-30, -3, -0.5, 0, 0.5, 3, 30];
const VALUES = [
  [
    'Mish',
    {},
    [-2.807286890651921e-12, -0.14564746127562458, -0.22074377465173, 0, 0.37524521130489513, 2.9865350049679575, 30],
  ],
  [
    'Swish',
    {},
    [
      -2.8072868906517896e-12, -0.14227761953270035, -0.18877033439907273, 0, 0.3112296656009273, 2.8577223804672998,
      29.999999999997193,
    ],
  ],
  [
    'Gelu',
    {},
    [
      -1.472014178144456e-196, -0.0040496940948902835, -0.15426876936299344, 0, 0.34573123063700656, 2.99595030590511,
      30,
    ],
  ],
  [
    'Gelu',
    { approximate: 'tanh' },
    [0, -0.003637392081773019, -0.15428599017485609, 0, 0.34571400982514394, 2.996362607918227, 30],
  ],
  ['Elu', {}, [-0.9999999999999064, -0.950212931632136, -0.3934693402873666, 0, 0.5, 3, 30]],
  ['Celu', { alpha: 2 }, [-1.999999388195359, -1.5537396797031404, -0.44239843385719024, 0, 0.5, 3, 30]],
  [
    'Selu',
    {},
    [
      -1.7580993463428658, -1.670568733989153, -0.6917581899652425, 0, 0.5253505110740662, 3.152103066444397,
      31.52103066444397,
    ],
  ],
  [
    'Sigmoid',
    {},
    [
      9.357622968839299e-14, 0.04742587317756678, 0.37754066879814546, 0.5, 0.6224593312018546, 0.9525741268224333,
      0.9999999999999064,
    ],
  ],
  ['Softsign', {}, [-30 / 31, -0.75, -1 / 3, 0, 1 / 3, 0.75, 30 / 31]],
  ['HardSigmoid', {}, [0, 0, 0.4, 0.5, 0.6, 1, 1]],
  ['HardSwish', {}, [0, 0, -0.5 * (2.5 / 6), 0, 0.5 * (3.5 / 6), 3, 30]],
  ['ThresholdedRelu', { alpha: 0.5 }, [0, 0, 0, 0, 0, 3, 30]],
  ['Shrink', { bias: 1, lambd: 0.5 }, [-29, -2, 0, 0, 0, 2, 29]],
  ['LeakyRelu', { alpha: 0.25 }, [-7.5, -0.75, -0.125, 0, 0.5, 3, 30]],
] as const;

test.each(VALUES)('%s %o', (op, attrs, expected) => {
  const [y] = evaluateOp(op, [float64([7], POINTS)], attrs);
  expect(y.data).toBeClose(expected, { rtol: 3e-15, atol: 1e-16 });
});

// Far out the functions reach their limits: no overflow, no NaN. Source: limits of the definitions.
test.each([
  ['Softplus', [0, 1000]],
  ['Mish', [-0, 1000]],
  ['Swish', [-0, 1000]],
  ['Gelu', [-0, 1000]],
  ['Sigmoid', [0, 1]],
  ['Elu', [-1, 1000]],
  ['Erf', [-1, 1]],
])('%s at -1000 and 1000', (op, expected) => {
  expect(evaluateOp(op, [float64([2], [-1000, 1000])])[0].data).toBeClose(expected, { rtol: 1e-15 });
});

describe('derivatives where the function bends', () => {
  // Convention: 0 at 0 for Relu, Abs and Sign; 0 at both bounds of Clip and HardSigmoid; the left slope otherwise.
  test.each([
    ['Relu', {}, [0, 1e-9, -1e-9], [0, 1, 0]],
    ['Abs', {}, [0, 1e-9, -1e-9], [0, 1, -1]],
    ['LeakyRelu', { alpha: 0.25 }, [0, 1e-9, -1e-9], [0.25, 1, 0.25]],
    ['LeakyRelu', { alpha: 0 }, [0, 1, -1], [0, 1, 0]],
    ['HardSigmoid', { alpha: 0.5 }, [-1, 0, 1], [0, 0.5, 0]],
    ['ThresholdedRelu', {}, [1, 2, 0], [0, 1, 0]],
    ['Shrink', {}, [-0.5, 0.5, 0.6, -0.6], [0, 0, 1, 1]],
    ['Elu', { alpha: 0.5 }, [0, 1], [0.5, 1]],
    ['HardSwish', {}, [-3, 3, 0], [0, 1, 0.5]],
  ] as const)('%s %o', async (op, attrs, x, expected) => {
    const [dx] = await gradientAt(op, [float64([x.length], x)], attrs);
    expect(dx).toBeClose(expected, { rtol: 1e-12 });
  });

  // The project's choice: sign' = round' = 0, so that y = x f(x) has the derivative f(x), at the jumps as well.
  test.each([
    ['Sign', [0, 2, -2], [0, 1, -1]],
    ['Round', [0.5, 1.5, 2.2], [0, 2, 2]],
    ['Floor', [1, 1.9, -0.5], [1, 1, -1]],
    ['Ceil', [1, 1.1, -0.5], [1, 2, 0]],
  ] as const)('%s has no derivative', async (op, x, expected) => {
    const b = graphBuilder();
    const input = b.input('x', [x.length], 'float64');
    const y = b.mul(input, b.emit(op, [input]));
    const { graph, seeds, gradients } = differentiate(b.build([y]), { targets: [y], wrt: ['x'], ops });
    const engine = await referenceEngine.load(graph);
    const [dx, dy] = [gradients.get('x')!, seeds.get(y)!];
    const result = await engine.run({ x: float64([x.length], x), [dy]: float64([x.length], [1, 1, 1]) }, [dx]);
    expect(result[dx].data).toBeClose(expected);
  });

  test('PRelu has the slope at 0', async () => {
    const [dx, dSlope] = await gradientAt('PRelu', [float64([3], [0, 2, -2]), float64([1], [0.25])]);
    expect(dx).toBeClose([0.25, 1, 0.25]);
    expect(dSlope).toBeClose([-2]);
  });
});
