import { elementWise } from '../../layout/element-wise.ts';
import type { LayoutValue } from '../../layout/layout-builder.ts';
import type { Call, Rule, Rules } from '../call.ts';
import { withFusedOps } from './fused-ops.ts';

/** Matrices may be transposed; a product with a matrix of weights takes its bias along. */
function product(
  call: Call,
  transposed: readonly [boolean, boolean],
  bias: LayoutValue | undefined,
  name?: string,
): LayoutValue {
  const { l } = call;
  const [a, b] = [0, 1].map((i) => {
    const x = call.input(i);
    const { length } = x.shape;
    const perm = x.shape
      .map((_, axis) => axis)
      .with(length - 1, length - 2)
      .with(length - 2, length - 1);
    return l.asWritten(transposed[i] === true ? l.transpose(x, perm) : x);
  }) as [string, string];
  if (bias === undefined) return l.emit('MatMul', [a, b], {}, 'as-written', name);
  const flat = l.b.shape(a).length === 2 && l.b.shape(b).length === 2;
  if (flat) return l.emit('Gemm', [a, b, l.asWritten(bias)], {}, 'as-written', name);
  return elementWise(l, 'Add', [l.emit('MatMul', [a, b]), bias], {}, name);
}

const matMul: Rule = (call) => {
  const transposed = [call.attrs.bool('transpose_a', false), call.attrs.bool('transpose_b', false)] as const;
  return withFusedOps(call, (bias, name) => product(call, transposed, bias, name));
};

/** The adjoint of a real matrix is its transpose. */
const batchMatMul: Rule = (call) =>
  product(call, [call.attrs.bool('adj_x', false), call.attrs.bool('adj_y', false)], undefined, call.name);

const einsum: Rule = ({ l, attrs, inputs, name }) =>
  l.emit(
    'Einsum',
    inputs.map((x) => l.asWritten(x)),
    { equation: attrs.string('equation') },
    'as-written',
    name,
  );

export const productRules: Rules = {
  MatMul: matMul,
  _FusedMatMul: matMul,
  BatchMatMul: batchMatMul,
  BatchMatMulV2: batchMatMul,
  BatchMatMulV3: batchMatMul,
  Einsum: einsum,
};
