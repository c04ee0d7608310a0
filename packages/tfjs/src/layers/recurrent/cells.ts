import { Fields } from '../../files/fields.ts';
import type { LayoutValue } from '../../layout/layout-builder.ts';
import { unsupportedSetting, type LayerCall } from '../layer-call.ts';
import type { Cell } from './cell.ts';
import { convLstmCell } from './conv-lstm-cell.ts';
import { gruCell, lstmCell, simpleRnnCell } from './dense-cells.ts';

const CELLS: ReadonlyMap<string, (call: LayerCall) => Cell> = new Map([
  ['SimpleRNN', simpleRnnCell],
  ['SimpleRNNCell', simpleRnnCell],
  ['LSTM', lstmCell],
  ['LSTMCell', lstmCell],
  ['GRU', gruCell],
  ['GRUCell', gruCell],
  ['ConvLSTM2D', convLstmCell],
  ['ConvLSTM2DCell', convLstmCell],
]);

/** The cell of a recurrent layer: the layer's own, or the one it is given. */
export function cellOf(call: LayerCall): Cell {
  return call.className === 'RNN' ? namedCell(call, call.config.object('cell')) : ownCell(call, call.className);
}

function ownCell(call: LayerCall, className: string): Cell {
  const make = CELLS.get(className);
  if (make === undefined) {
    throw unsupportedSetting(call, `a cell of class "${className}"`, [...CELLS.keys(), 'StackedRNNCells'].join(', '));
  }
  return make(call);
}

function namedCell(call: LayerCall, fields: Fields): Cell {
  const className = fields.string('class_name');
  const config = fields.object('config');
  if (className !== 'StackedRNNCells') return ownCell({ ...call, config }, className);
  const cells = config
    .array('cells')
    .map((cell, k) =>
      namedCell({ ...call, weights: call.weights.cell(k) }, new Fields(cell, config.where, config.place)),
    );
  return stacked(cells);
}

/** Cells one upon the other, with the states of the first in front. */
function stacked(cells: readonly Cell[]): Cell {
  return {
    stateShapes(step) {
      let shape = step;
      return cells.flatMap((cell) => {
        const shapes = cell.stateShapes(shape);
        shape = shapes[0] ?? shape;
        return shapes;
      });
    },
    prepare: (x) => cells[0]?.prepare(x) ?? x,
    step(x, states) {
      let output = x;
      let from = 0;
      const next: LayoutValue[] = [];
      for (const [k, cell] of cells.entries()) {
        const count = cell.stateShapes(output.shape).length;
        // Only the first cell's input was prepared for all steps at once.
        const input = k === 0 ? output : cell.prepare(output);
        const result = cell.step(input, states.slice(from, from + count));
        output = result.output;
        next.push(...result.states);
        from += count;
      }
      return { output, states: next };
    },
  };
}
