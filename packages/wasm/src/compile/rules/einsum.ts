import { parseEinsum } from '@pathwise/ops';
import type { Emitter } from '../emitter.ts';
import { broadcastTo, transposed, type View } from '../view.ts';
import { product } from './products.ts';
import type { Rule } from './rule.ts';

/** A tensor with a label for each axis. */
interface Labelled {
  readonly view: View;
  readonly labels: readonly string[];
}

/** Operands are multiplied two by two, as matrices of rows: axes of both, axes of one, axes that are summed. */
const einsum: Rule = (e, node) => {
  const views = node.inputs.map((name) => e.view(name));
  const { inputs, output, sizes } = parseEinsum(
    node.attrs['equation'] as string,
    views.map(({ shape }) => shape),
  );
  const operands = views.map((view, i) => whole(diagonal(view, Array.from(inputs[i])), sizes));
  const wanted = Array.from(output);
  const result = operands.slice(1).reduce((left, right, i) => {
    const later = new Set([...wanted, ...operands.slice(i + 2).flatMap(({ labels }) => labels)]);
    return contracted(e, left, right, later);
  }, operands[0]);
  const { view, labels } = summed(e, result, new Set(wanted));
  return [
    transposed(
      view,
      wanted.map((label) => labels.indexOf(label)),
    ),
  ];
};

/** A label that stands twice means the elements at which both axes agree. */
function diagonal({ ...view }: View, labels: readonly string[]): Labelled {
  const own = [...new Set(labels)];
  const axes = own.map((label) => labels.flatMap((other, axis) => (other === label ? [axis] : [])));
  const shape = axes.map((same) => Math.max(...same.map((axis) => view.shape[axis])));
  const strides = axes.map((same) =>
    same.reduce((sum, axis) => sum + (view.shape[axis] === 1 ? 0 : view.strides[axis]), 0),
  );
  return { view: { ...view, shape, strides }, labels: own };
}

/** Axes of size 1 that stand for more. */
function whole({ view, labels }: Labelled, sizes: ReadonlyMap<string, number>): Labelled {
  return {
    view: broadcastTo(
      view,
      labels.map((label) => sizes.get(label) as number),
    ),
    labels,
  };
}

/** Summed over the axes that nobody asks for. */
function summed(e: Emitter, { view, labels }: Labelled, kept: ReadonlySet<string>): Labelled {
  const axes = labels.flatMap((label, axis) => (kept.has(label) ? [] : [axis]));
  if (axes.length === 0) return { view, labels };
  const left = labels.filter((label) => kept.has(label));
  const sum = e.reduce('sum', view, axes);
  return {
    view: e.reshape(
      sum,
      left.map((label) => view.shape[labels.indexOf(label)]),
    ),
    labels: left,
  };
}

function contracted(e: Emitter, a: Labelled, b: Labelled, kept: ReadonlySet<string>): Labelled {
  const x = summed(e, a, new Set([...kept, ...b.labels]));
  const y = summed(e, b, new Set([...kept, ...a.labels]));
  const shared = x.labels.filter((label) => y.labels.includes(label));
  const [both, inner] = [shared.filter((label) => kept.has(label)), shared.filter((label) => !kept.has(label))];
  const [rows, columns] = [x, y].map(({ labels }) => labels.filter((label) => !shared.includes(label)));
  const sizeOf = (label: string): number =>
    x.labels.includes(label) ? x.view.shape[x.labels.indexOf(label)] : y.view.shape[y.labels.indexOf(label)];
  const count = (labels: readonly string[]): number => labels.reduce((total, label) => total * sizeOf(label), 1);
  const matrices = ({ view, labels }: Labelled, groups: readonly (readonly string[])[]): View =>
    e.reshape(
      transposed(
        view,
        groups.flat().map((label) => labels.indexOf(label)),
      ),
      groups.map(count),
    );
  const z = product(e, matrices(x, [both, rows, inner]), matrices(y, [both, inner, columns]));
  const labels = [...both, ...rows, ...columns];
  return { view: e.reshape(z, labels.map(sizeOf)), labels };
}

export const einsumRules: Readonly<Record<string, Rule>> = { Einsum: einsum };
