import { sizeOf } from '@pathwise/model';
import type { Node } from '@pathwise/graph';
import { normalizeAxes, normalizeAxis } from '@pathwise/ops';
import type { Emitter } from '../emitter.ts';
import { loopWords, viewWords } from '../emitter.ts';
import { STEP, type ReductionName } from '../step.ts';
import { loopsOver, memoryOrder, sliced, type View } from '../view.ts';
import { first, number, type Rule } from './rule.ts';

/** A reduction made of steps before and after the sum. */
interface Reduction {
  readonly f: ReductionName;
  /** Divides by the number of elements. */
  readonly mean?: boolean;
  readonly after?: (e: Emitter, y: View) => View;
}

function reduction({ f, mean = false, after }: Reduction): Rule {
  return (e, node) => {
    const x = first(e, node);
    const axes = axesOf(e, node, x);
    let y = e.reduce(f, x, axes);
    if (mean) y = e.map('affine', [y], 1 / sizeOf(axes.map((axis) => x.shape[axis])));
    return [e.reshape(after === undefined ? y : after(e, y), e.type(node.outputs[0]).shape)];
  };
}

/** No axes mean all, or none with noop_with_empty_axes. */
function axesOf(e: Emitter, node: Node, x: View): number[] {
  const given = e.integers(node, 1) ?? [];
  if (given.length > 0) return normalizeAxes(given, x.shape.length);
  return number(node, 'noop_with_empty_axes') === 1 ? [] : x.shape.map((_, axis) => axis);
}

/** max + log(sum(exp(x - max))) */
const logSumExp: Rule = (e, node) => {
  const x = first(e, node);
  const axes = axesOf(e, node, x);
  const largest = e.reduce('largest', x, axes);
  const sum = e.reduce('sum', e.map('exponential', [e.map('subtract', [x, largest])]), axes);
  return [e.reshape(e.map('add', [largest, e.map('logarithm', [sum])]), e.type(node.outputs[0]).shape)];
};

/** Index of the largest or smallest element along an axis. */
const position =
  (firstOne: ReductionName, lastOne: ReductionName): Rule =>
  (e, node) => {
    const x = first(e, node);
    const axis = normalizeAxis(number(node, 'axis'), x.shape.length);
    const y = e.reduce(number(node, 'select_last_index') === 1 ? lastOne : firstOne, x, [axis]);
    return [e.reshape(y, e.type(node.outputs[0]).shape)];
  };

/** Running sums (or products) along an axis. */
const scan =
  (product: 0 | 1): Rule =>
  (e, node) => {
    const x = first(e, node);
    const axis = normalizeAxis((e.integers(node, 1) as number[])[0], x.shape.length);
    const length = x.shape[axis];
    const target = e.allocate(x.shape, memoryOrder(x.strides));
    // Backwards is forwards along the axis turned round.
    const turned = (view: View): View =>
      number(node, 'reverse') === 1 ? sliced(view, axis, length - 1, length, -1) : view;
    const [y, from] = [turned(target), turned(x)];
    const { sizes, strides } = loopsOver(x.shape.with(axis, 1), [y.strides, from.strides]);
    const views = [...viewWords(y, strides[0]), ...viewWords(from, strides[1])];
    const words = [product, number(node, 'exclusive'), length, ...loopWords(sizes), ...views];
    e.emit(STEP.scan, [...words, y.strides[axis], from.strides[axis]], [x], [target]);
    return [target];
  };

/** exp(x - max) / sum, or its logarithm x - max - log(sum), along an axis. */
const softmax =
  (logarithm: boolean): Rule =>
  (e, node) => {
    const x = first(e, node);
    const axes = [normalizeAxis(number(node, 'axis'), x.shape.length)];
    const shifted = e.map('subtract', [x, e.reduce('largest', x, axes)]);
    const powers = e.map('exponential', [shifted]);
    const sum = e.reduce('sum', powers, axes);
    return [logarithm ? e.map('subtract', [shifted, e.map('logarithm', [sum])]) : e.map('divide', [powers, sum])];
  };

/** Over all axes but batch and channels. */
const globalPool =
  (f: ReductionName): Rule =>
  (e, node) => {
    const x = first(e, node);
    const axes = x.shape.map((_, axis) => axis).slice(2);
    const y = e.reduce(f, x, axes);
    return [f === 'sum' ? e.map('affine', [y], 1 / sizeOf(x.shape.slice(2))) : y];
  };

export const reductionRules: Readonly<Record<string, Rule>> = {
  ArgMax: position('firstLargest', 'lastLargest'),
  ArgMin: position('firstSmallest', 'lastSmallest'),
  CumProd: scan(1),
  CumSum: scan(0),
  GlobalAveragePool: globalPool('sum'),
  GlobalMaxPool: globalPool('largest'),
  LogSoftmax: softmax(true),
  ReduceL1: reduction({ f: 'sumOfMagnitudes' }),
  ReduceL2: reduction({ f: 'sumOfSquares', after: (e, y) => e.map('squareRoot', [y]) }),
  ReduceLogSum: reduction({ f: 'sum', after: (e, y) => e.map('logarithm', [y]) }),
  ReduceLogSumExp: logSumExp,
  ReduceMax: reduction({ f: 'largest' }),
  ReduceMean: reduction({ f: 'sum', mean: true }),
  ReduceMin: reduction({ f: 'smallest' }),
  ReduceProd: reduction({ f: 'product' }),
  ReduceSum: reduction({ f: 'sum' }),
  ReduceSumSquare: reduction({ f: 'sumOfSquares' }),
  Softmax: softmax(false),
};
