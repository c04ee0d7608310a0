import type { LayoutValue } from '../../layout/layout-builder.ts';
import { convolution } from '../../layout/convolution.ts';
import { slice } from '../../layout/along-axes.ts';
import { elementWise } from '../../layout/element-wise.ts';
import { activationOf } from '../activation.ts';
import { badShape, choice, dataFormat, weight, wholeNumbers, type LayerCall } from '../layer-call.ts';
import type { Cell } from './cell.ts';

/** An LSTM whose products are convolutions: of the input with strides and padding, of the state with 'same'. */
export function convLstmCell(call: LayerCall): Cell {
  const { l } = call;
  const kernel = weight(call, 'kernel', 4);
  const recurrent = weight(call, 'recurrent_kernel', 4);
  const bias = call.config.boolean('use_bias', true) ? weight(call, 'bias', 1) : undefined;
  const filters = recurrent.shape[2] as number;
  if (recurrent.shape[3] !== 4 * filters)
    throw badShape(call, 'a recurrent kernel [h,w,filters,4 filters]', recurrent.shape);
  const format = dataFormat(call);
  const channels = format === 'channels-last' ? -1 : 1;
  const padding = choice(call, 'padding', ['valid', 'same'], 'valid') === 'same' ? 'SAME' : 'VALID';
  const windows = {
    strides: wholeNumbers(call, 'strides', 2, 1),
    dilations: wholeNumbers(call, 'dilation_rate', 2, 1),
    padding,
  } as const;
  const activate = activationOf(call, 'activation', 'tanh');
  const gate = activationOf(call, 'recurrent_activation', 'hard_sigmoid');
  const project = (x: LayoutValue): LayoutValue => convolution(l, x, kernel, windows, { bias, format });
  const recur = { strides: [1, 1], dilations: [1, 1], padding: 'SAME' } as const;
  const gates = (x: LayoutValue): LayoutValue[] =>
    Array.from({ length: 4 }, (_, k) => slice(l, x, [{ axis: channels, start: k * filters, end: (k + 1) * filters }]));
  return {
    stateShapes(step) {
      const [height, width] = format === 'channels-last' ? step.slice(1, 3) : step.slice(2, 4);
      const sizes = [height, width].map((size, i) => {
        const reach = ((kernel.shape[i] as number) - 1) * (windows.dilations[i] as number);
        const room = padding === 'SAME' ? (size as number) : (size as number) - reach;
        return Math.ceil(room / (windows.strides[i] as number));
      });
      const rows = step[0] as number;
      const shape = format === 'channels-last' ? [rows, ...sizes, filters] : [rows, filters, ...sizes];
      return [shape, shape];
    },
    prepare: (x) => x,
    step(x, [h, c]) {
      const sum = elementWise(l, 'Add', [project(x), convolution(l, h as LayoutValue, recurrent, recur, { format })]);
      const [i, f, fresh, o] = gates(sum) as [LayoutValue, LayoutValue, LayoutValue, LayoutValue];
      const kept = elementWise(l, 'Mul', [gate(f), c as LayoutValue]);
      const carry = elementWise(l, 'Add', [kept, elementWise(l, 'Mul', [gate(i), activate(fresh)])]);
      const output = elementWise(l, 'Mul', [gate(o), activate(carry)]);
      return { output, states: [output, carry] };
    },
  };
}
