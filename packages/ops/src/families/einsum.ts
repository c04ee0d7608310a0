import { argumentError, PathwiseError, sizeOf, stridesOf, type Shape } from '@pathwise/model';
import { stridedIndex } from '../broadcast.ts';
import { addProduct, type MatrixView } from './matrix-product.ts';

/** An Einsum equation on operands of known shapes: one letter an axis, ellipses spelt out with unused letters. */
export interface Contraction {
  readonly inputs: readonly string[];
  readonly output: string;
  readonly sizes: ReadonlyMap<string, number>;
}

/** Names for axes. */
export const EINSUM_LETTERS: readonly string[] = Array.from('abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ');

/** @throws PathwiseError BAD_ARGUMENT or BAD_SHAPE for an equation that is malformed or does not fit the shapes. */
export function parseEinsum(equation: string, shapes: readonly Shape[]): Contraction {
  const text = equation.replaceAll(' ', '');
  const [left, right, ...more] = text.split('->');
  const terms = (left ?? '').split(',');
  if (more.length > 0 || terms.length !== shapes.length || !/^[a-zA-Z.,]*(->[a-zA-Z.]*)?$/.test(text)) {
    throw argumentError('einsum', 'equation', `letters for ${shapes.length} operands`, equation);
  }
  const depth = Math.max(0, ...terms.map((term, i) => ellipsisRank(term, shapes[i])));
  const free = EINSUM_LETTERS.filter((letter) => !text.includes(letter));
  if (free.length < depth) throw new PathwiseError('UNSUPPORTED_OP', 'the equation has more axes than letters');
  const ellipsis = free.slice(0, depth).join('');
  const spell = (term: string, rank: number): string => term.replace('...', () => ellipsis.slice(depth - rank));
  const inputs = terms.map((term, i) => spell(term, ellipsisRank(term, shapes[i])));
  const output = right === undefined ? ellipsis + lettersUsedOnce(terms) : spell(right, depth);
  const sizes = new Map<string, number>();
  for (const [i, labels] of inputs.entries()) {
    if (labels.includes('.') || labels.length !== shapes[i].length) {
      throw argumentError('einsum', 'equation', `${shapes[i].length} axes for operand ${i}`, equation);
    }
    for (const [axis, label] of Array.from(labels).entries()) {
      const size = shapes[i][axis];
      const known = sizes.get(label) ?? 1;
      if (known !== 1 && size !== 1 && size !== known) {
        throw new PathwiseError('BAD_SHAPE', `einsum "${equation}": axis ${label} has size ${known} and ${size}`);
      }
      sizes.set(label, Math.max(known, size));
    }
  }
  if (Array.from(output).some((label) => !sizes.has(label)) || new Set(output).size !== output.length) {
    throw argumentError('einsum', 'equation', 'each output letter once, and in an operand', equation);
  }
  return { inputs, output, sizes };
}

/** Axes that an ellipsis stands for. */
function ellipsisRank(term: string, shape: Shape): number {
  return term.includes('...') ? Math.max(0, shape.length - (term.length - 3)) : 0;
}

function lettersUsedOnce(terms: readonly string[]): string {
  const all = terms.join('').replaceAll('.', '');
  return Array.from(all)
    .filter((letter) => all.indexOf(letter) === all.lastIndexOf(letter))
    .sort()
    .join('');
}

/** A tensor whose axes are named by letters (a repeated letter is a diagonal; size 1 repeats). */
interface Labelled {
  readonly labels: string;
  readonly shape: Shape;
  readonly data: Float64Array;
}

/** Evaluates a contraction, two operands at a time from the left, each as a batch of matrix products. */
export function contract(
  { inputs, output, sizes }: Contraction,
  operands: readonly { shape: Shape; data: Float64Array }[],
): Float64Array {
  let product: Labelled = { ...operands[0], labels: inputs[0] };
  for (let i = 1; i < operands.length; i++) {
    const kept = output + inputs.slice(i + 1).join('');
    product = multiply(product, { ...operands[i], labels: inputs[i] }, kept, sizes);
  }
  return arranged(product, output, sizes);
}

function multiply(a: Labelled, b: Labelled, kept: string, sizes: Contraction['sizes']): Labelled {
  const aLabels = distinct(a.labels);
  const bLabels = distinct(b.labels);
  const shared = aLabels.filter((label) => b.labels.includes(label));
  const batch = shared.filter((label) => kept.includes(label));
  const inner = shared.filter((label) => !kept.includes(label));
  const rows = aLabels.filter((label) => !b.labels.includes(label) && kept.includes(label));
  const columns = bLabels.filter((label) => !a.labels.includes(label) && kept.includes(label));
  const x = arranged(a, [...batch, ...rows, ...inner].join(''), sizes);
  const y = arranged(b, [...batch, ...columns, ...inner].join(''), sizes);
  const [count, m, n, k] = [batch, rows, columns, inner].map((labels) => sizeOf(shapeOf(labels, sizes)));
  const out = new Float64Array(count * m * n);
  for (let i = 0; i < count; i++) {
    const left: MatrixView = { data: x, offset: i * m * k, rowStride: k, columnStride: 1 };
    const right: MatrixView = { data: y, offset: i * n * k, rowStride: 1, columnStride: k };
    addProduct(m, n, k, left, right, { data: out, offset: i * m * n, rowStride: n, columnStride: 1 });
  }
  const labels = [...batch, ...rows, ...columns];
  return { labels: labels.join(''), shape: shapeOf(labels, sizes), data: out };
}

/** The elements in the order of the axes `labels`, summed over the tensor's other axes. */
function arranged({ labels: own, shape, data }: Labelled, labels: string, sizes: Contraction['sizes']): Float64Array {
  const strides = new Map<string, number>();
  const steps = stridesOf(shape);
  for (const [axis, label] of Array.from(own).entries()) {
    strides.set(label, (strides.get(label) ?? 0) + (shape[axis] === 1 ? 0 : steps[axis]));
  }
  const summed = distinct(own).filter((label) => !labels.includes(label));
  const index = (chosen: readonly string[]): Uint32Array =>
    stridedIndex(
      shapeOf(chosen, sizes),
      chosen.map((label) => strides.get(label)!),
    );
  const at = index(Array.from(labels));
  const offsets = index(summed);
  const out = new Float64Array(at.length);
  for (const offset of offsets) for (let i = 0; i < out.length; i++) out[i] += data[at[i] + offset];
  return out;
}

function distinct(labels: string): string[] {
  return [...new Set(labels)];
}

function shapeOf(labels: readonly string[], sizes: Contraction['sizes']): number[] {
  return labels.map((label) => sizes.get(label)!);
}
