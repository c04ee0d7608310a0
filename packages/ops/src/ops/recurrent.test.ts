import { describe, expect, test } from 'vitest';
import { int64, type Tensor } from '@pathwise/model';
import { evaluateOp } from '../../test/evaluate.ts';
import { pattern } from '../../test/pattern.ts';

// Three steps, two features, two hidden units, both directions. Expected numbers: torch 2.13 (nn.LSTM, nn.GRU, nn.RNN in
// float64), the gates brought into the order of ONNX.
const x = pattern([3, 1, 2]);
const scaled = (t: Tensor, factor: number): Tensor => ({
  ...t,
  data: (t.data as Float64Array).map((value) => value * factor),
});
const weights = (gates: number): Tensor[] => [
  scaled(pattern([2, gates * 2, 2], 5, 13), 0.5),
  scaled(pattern([2, gates * 2, 2], 3, 11), 0.5),
  scaled(pattern([2, gates * 4], 7, 9), 0.25),
];
const h0 = pattern([2, 1, 2], 3, 5);
const c0 = pattern([2, 1, 2], 2, 5);
const attrs = { direction: 'bidirectional' };
const tolerance = { atol: 1e-11 };

describe('recurrent layers', () => {
  test('LSTM', () => {
    const [y, h, c] = evaluateOp('LSTM', [x, ...weights(4), null, h0, c0], attrs, 3);
    expect(y.shape).toEqual([3, 2, 1, 2]);
    expect(y.data).toBeClose(
      [
        -0.276032880818, 0.028698206758, -0.141297810259, 0.071143427347, -0.368491716876, 0.109057507412,
        -0.030223832754, 0.056295720789, 0.058977338065, -0.077385491635, 0.279280267393, -0.107847801251,
      ],
      tolerance,
    );
    expect(h.data).toBeClose([0.058977338065, -0.077385491635, -0.141297810259, 0.071143427347], tolerance);
    expect(c.data).toBeClose([0.125509258412, -0.191469073929, -0.663912048317, 0.126961594863], tolerance);
  });

  test('GRU, linear before reset', () => {
    const [y, h] = evaluateOp('GRU', [x, ...weights(3), null, h0], { ...attrs, linear_before_reset: 1 }, 2);
    expect(y.data).toBeClose(
      [
        -0.184562142, -0.371230745332, -0.690111929851, 0.202495150346, 0.021675909755, -0.388536931359,
        -0.640329573076, 0.110535618484, -0.134750351151, 0.005245773313, 0.048109283361, -0.130421234684,
      ],
      tolerance,
    );
    expect(h.data).toBeClose([-0.134750351151, 0.005245773313, -0.690111929851, 0.202495150346], tolerance);
  });

  test('RNN', () => {
    const [y, h] = evaluateOp('RNN', [x, ...weights(1), null, h0], attrs, 2);
    expect(y.data).toBeClose(
      [
        0.734071519604, -0.596373555479, -0.30613785126, 0.877707449157, -0.271471128542, -0.742679256724,
        0.776420445705, 0.674544411964, 0.07395400242, 0.21625734924, -0.486336017225, 0.154990730372,
      ],
      tolerance,
    );
    expect(h.data).toBeClose([0.07395400242, 0.21625734924, -0.30613785126, 0.877707449157], tolerance);
  });

  test('a shorter sequence is the sequence cut off, then zeros', () => {
    const cut = { ...x, shape: [2, 1, 2], data: (x.data as Float64Array).subarray(0, 4) };
    const [y, h] = evaluateOp('GRU', [x, ...weights(3), int64([1], [2])], attrs, 2);
    const [expected, last] = evaluateOp('GRU', [cut, ...weights(3)], attrs, 2);
    expect(y.data).toEqual(Float64Array.of(...expected.data, 0, 0, 0, 0));
    expect(h.data).toEqual(last.data);
  });

  test('what is not supported says so', () => {
    const two = pattern([3, 2, 2]);
    expect(() => evaluateOp('RNN', [two, ...weights(1), int64([2], [1, 3])], attrs)).toThrow('different lengths');
    expect(() => evaluateOp('RNN', [x, ...weights(1)], { ...attrs, clip: 1 })).toThrow(
      'attribute clip is not supported',
    );
    const unknown = { ...attrs, activations: ['Tanh', 'Cube'] };
    expect(() => evaluateOp('RNN', [x, ...weights(1)], unknown)).toThrow('for activations, got "Cube"');
  });
});
