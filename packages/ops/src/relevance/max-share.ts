import { toFloat64 } from '@pathwise/model';
import type { OpBuilder } from '../builder.ts';
import { pullBack, type Choice, type Site } from './rule.ts';
import type { Twin } from './twin.ts';

/**
 * The multiplier of the largest element of each window. With the same winner at input and baseline it takes m. Otherwise
 * the winner of the higher maximum takes the whole difference: m (y1 - y0) / (x1 - x0) at the winner at the input if the
 * maximum rises, at that of the baseline if it falls. The winner's own difference is never smaller than that of the
 * maximum, so that nothing is divided by a small number. For minima rise and fall change places. Complete for each window; windows that overlap add up.
 */
export function maxShare(site: Site, twin: Twin): Choice {
  const { node, active } = site;
  if (site.op.vjp === undefined) return 'its gradient is not known';
  const position = active[0] as number;
  const [x1, y1] = [node.inputs[position] as string, node.outputs[0] as string];
  return (b, values) => {
    const m = values[0] as string;
    const [x0, y0] = [twin.at(x1), twin.at(y1)];
    const same = b.castLike(b.reshape(b.equal(winner(b, site, x1), winner(b, site, x0)), b.shape(y1)), y1);
    const other = b.sub(1, same);
    const rise = b.mul(b.mul(m, b.sub(y1, y0)), other);
    const none = values.slice(1).map(() => null);
    const atX0 = node.inputs.map((input) => (input === x1 ? x0 : input));
    const shared = pullBack(b, site, [b.mul(m, same), ...none])[position] as string;
    const [higher, lower] = node.op === 'ReduceMin' ? [b.less, b.greater] : [b.greater, b.less];
    const risen = pullBack(b, site, [b.mask(higher.call(b, y1, y0), rise), ...none])[position] as string;
    const twinSite = { ...site, node: { ...node, outputs: [y0] } };
    const fallen = pullBack(b, twinSite, [b.mask(lower.call(b, y1, y0), rise), ...none], atX0)[position] as string;
    const d = b.sub(x1, x0);
    const still = b.equal(d, 0);
    const crossed = b.where(still, 0, b.div(b.add(risen, fallen), b.where(still, 1, d)));
    return node.inputs.map((_, i) => (i === position ? b.add(shared, crossed) : null));
  };
}

/** A number that names the first winner of each window. */
function winner(b: OpBuilder, { node, graph }: Site, x: string): string {
  const shape = b.shape(x);
  if (node.op === 'MaxPool') {
    const names = [b.freshName('MaxPool'), b.freshName('MaxPool_indices')];
    return b.apply('MaxPool', [x], { ...node.attrs, storage_order: 0 }, { outputs: names })[1] as string;
  }
  const given = graph.constants.get(node.inputs[1] ?? '');
  const listed = given === undefined ? [] : Array.from(toFloat64(given.data), (a) => (a < 0 ? a + shape.length : a));
  const isNothing = node.attrs['noop_with_empty_axes'] === 1 && listed.length === 0;
  const all = shape.map((_, axis) => axis);
  const chosen = node.op === 'GlobalMaxPool' ? all.slice(2) : listed.length > 0 || isNothing ? listed : all;
  const axes = chosen.toSorted((p, q) => p - q);
  const kept = all.filter((axis) => !axes.includes(axis));
  const size = (list: readonly number[]): number => list.reduce((count, axis) => count * (shape[axis] as number), 1);
  const rows = b.reshape(b.transpose(x, [...kept, ...axes]), [size(kept), size(axes)]);
  return b.emit(node.op === 'ReduceMin' ? 'ArgMin' : 'ArgMax', [rows], { axis: 1 });
}
