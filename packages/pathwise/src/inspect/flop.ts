import { sizeOf, type Shape } from '@pathwise/model';
import { typeOf, type Graph, type Node } from '@pathwise/graph';

/**
 * Floating-point operations of one evaluation of a graph: two for each multiplication with addition of the linear ops,
 * one for each element that any other op computes. Ops that only move data count as nothing.
 */
export function flopOf(graph: Graph): number {
  return graph.nodes.reduce((sum, node) => sum + flopOfNode(graph, node), 0);
}

const MOVES_DATA = new Set(
  (
    'Reshape Transpose Flatten Squeeze Unsqueeze Identity Expand Concat Split Slice Tile Gather GatherElements ' +
    'GatherND Pad Shape Cast Dropout Constant DepthToSpace SpaceToDepth'
  ).split(' '),
);

function flopOfNode(graph: Graph, node: Node): number {
  const shapeAt = (i: number): Shape =>
    node.inputs[i] === undefined || node.inputs[i] === '' ? [] : typeOf(graph, node.inputs[i]).shape;
  const computed = node.outputs.reduce((sum, name) => sum + (name === '' ? 0 : sizeOf(typeOf(graph, name).shape)), 0);
  switch (node.op) {
    case 'Conv':
      // Each element of the result sums over the channels of its group and the window: W is [m, c / group, ...window].
      return 2 * computed * sizeOf(shapeAt(1).slice(1));
    case 'ConvTranspose':
      // Each element of the input is spread over the channels and the window: W is [c, m / group, ...window].
      return 2 * sizeOf(shapeAt(0)) * sizeOf(shapeAt(1).slice(1));
    case 'MatMul':
      return 2 * computed * (shapeAt(0).at(-1) ?? 1);
    case 'Gemm':
      return 2 * computed * ((node.attrs['transA'] === 1 ? shapeAt(0)[0] : shapeAt(0)[1]) ?? 1);
    case 'Einsum':
      return (
        2 *
        loopsOfEinsum(
          node.attrs['equation'] as string,
          node.inputs.map((_, i) => shapeAt(i)),
          computed,
        )
      );
    default:
      return MOVES_DATA.has(node.op) ? 0 : computed;
  }
}

/** Product of the sizes of all axes that the equation names; an ellipsis counts with the result. */
function loopsOfEinsum(equation: string, shapes: readonly Shape[], computed: number): number {
  const [left = '', right = ''] = equation.replaceAll(' ', '').split('->');
  const contracted = new Map<string, number>();
  for (const [i, term] of left.split(',').entries()) {
    const [before = '', after = ''] = term.split('...');
    const shape = shapes[i] ?? [];
    const place = (label: string, size: number | undefined): void => {
      if (!right.includes(label) && size !== undefined) contracted.set(label, size);
    };
    Array.from(before).forEach((label, k) => place(label, shape[k]));
    Array.from(after).forEach((label, k) => place(label, shape[shape.length - after.length + k]));
  }
  return computed * [...contracted.values()].reduce((product, size) => product * size, 1);
}
