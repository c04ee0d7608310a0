import type { Tensor } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { defineOp } from '../define-op.ts';
import { contract, EINSUM_LETTERS, parseEinsum } from '../families/einsum.ts';

type EinsumAttrs = { equation: string };

const oneMoving: OpDef['affine'] = (moving) => moving.length <= 1;

/** A sum of products over the axes that the equation names: 'ij,jk->ik' is the matrix product. */
export const einsum: OpDef = defineOp<EinsumAttrs>({
  name: 'Einsum',
  code: 0x0404,
  inputs: ['differentiable'],
  variadic: true,
  attrs: { equation: { type: 'string', required: true } },
  relevance: 'weighted-linear',
  affine: oneMoving,
  piecewiseLinear: oneMoving,
  kinks: false,
  infer(operands, { equation }) {
    const { output, sizes } = parseEinsum(
      equation,
      operands.map((operand) => operand!.shape),
    );
    return [{ dtype: operands[0]!.dtype, shape: Array.from(output).map((label) => sizes.get(label)!) }];
  },
  forward(operands, { equation }) {
    const present = operands.map((operand) => operand!);
    return [
      contract(
        parseEinsum(
          equation,
          present.map(({ shape }) => shape),
        ),
        present,
      ),
    ];
  },
  // The cotangent of an operand is the sum of products of dy and the other operands over its axes. An axis that none
  // of them has in full is filled by ones; a repeated axis (a diagonal) gets letters of its own, tied by an identity
  // matrix.
  vjp(b, { inputs, attrs: { equation }, needs }, [dy]) {
    const parsed = parseEinsum(
      equation,
      inputs.map((input) => b.shape(input)),
    );
    const { dtype } = b.type(dy!);
    const sizeOfAxis = (label: string): number => parsed.sizes.get(label)!;
    return inputs.map((input, i) => {
      if (!needs[i]) return null;
      const terms = [parsed.output, ...parsed.inputs.filter((_, k) => k !== i)];
      const operands = [dy!, ...inputs.filter((_, k) => k !== i)];
      const unused = EINSUM_LETTERS.filter((letter) => !parsed.sizes.has(letter));
      let result = '';
      const tie = (term: string, value: Tensor): void => {
        terms.push(term);
        operands.push(b.constant(value));
      };
      for (const label of parsed.inputs[i]) {
        const size = sizeOfAxis(label);
        if (result.includes(label)) {
          const copy = unused.shift()!;
          tie(label + copy, identity(dtype, size));
          result += copy;
        } else {
          const spans = (term: string, k: number): boolean => b.shape(operands[k])[term.indexOf(label)] === size;
          if (!terms.some(spans)) tie(label, ones(dtype, size));
          result += label;
        }
      }
      const dx = b.emit('Einsum', operands, { equation: `${terms.join(',')}->${result}` });
      return b.sumTo(dx, b.shape(input));
    });
  },
  examples: [
    {
      name: 'matrix product',
      attrs: { equation: 'ij,jk->ik' },
      inputs: [
        [2, 3],
        [3, 4],
      ],
    },
    {
      name: 'batched, transposed',
      attrs: { equation: 'bhid,bhjd->bhij' },
      inputs: [
        [1, 2, 3, 4],
        [1, 2, 5, 4],
      ],
    },
    {
      name: 'implicit output',
      attrs: { equation: 'ba,cb' },
      inputs: [
        [2, 3],
        [4, 2],
      ],
    },
    { name: 'outer product', attrs: { equation: 'i,j->ij' }, inputs: [[3], [2]] },
    { name: 'inner product', attrs: { equation: 'i, i -> ' }, inputs: [[4], [4]] },
    { name: 'sum over one axis', attrs: { equation: 'ijk->ki' }, inputs: [[2, 3, 4]] },
    {
      name: 'axis summed in one operand only',
      attrs: { equation: 'ij,jkl->ik' },
      inputs: [
        [2, 3],
        [3, 2, 4],
      ],
    },
    {
      name: 'three operands',
      attrs: { equation: 'ij,jk,kl->il' },
      inputs: [
        [2, 3],
        [3, 4],
        [4, 2],
      ],
    },
    {
      name: 'bilinear form',
      attrs: { equation: 'bi,oij,bj->bo' },
      inputs: [
        [2, 3],
        [4, 3, 2],
        [2, 2],
      ],
    },
    {
      name: 'ellipsis',
      attrs: { equation: '...ij,...jk->...ik' },
      inputs: [
        [2, 2, 3],
        [2, 3, 2],
      ],
    },
    {
      name: 'ellipsis that broadcasts',
      attrs: { equation: '...ij,jk...->...ik' },
      inputs: [
        [2, 1, 2, 3],
        [3, 2, 4],
      ],
    },
    {
      name: 'implicit output with ellipsis',
      attrs: { equation: 'b...,a...' },
      inputs: [
        [2, 3],
        [4, 3],
      ],
    },
    { name: 'trace', attrs: { equation: 'ii->' }, inputs: [[3, 3]] },
    { name: 'batched diagonal', attrs: { equation: '...ii->...i' }, inputs: [[2, 3, 3]] },
    {
      name: 'size 1 broadcasts',
      attrs: { equation: 'ij,ij->i' },
      inputs: [
        [2, 3],
        [1, 3],
      ],
    },
  ],
});

function ones(dtype: Tensor['dtype'], size: number): Tensor {
  return { dtype, shape: [size], data: new Float64Array(size).fill(1) };
}

function identity(dtype: Tensor['dtype'], size: number): Tensor {
  const data = new Float64Array(size * size);
  for (let i = 0; i < size; i++) data[i * (size + 1)] = 1;
  return { dtype, shape: [size, size], data };
}
