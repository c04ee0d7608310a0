import type { Linearity, NodeRefs, OpDef, OpExample, RelevanceClass, Value } from '@pathwise/graph';
import { broadcastShapes } from '../broadcast.ts';
import type { OpBuilder } from '../builder.ts';
import { defineOp } from '../define-op.ts';
import { zip } from './binary.ts';

export interface VariadicOp {
  readonly name: string;
  readonly code: number;
  /** Combines the result so far with the next input. */
  readonly f: (a: number, b: number) => number;
  /** Applied to the combined values in the end, with the number of inputs. */
  readonly finish?: (value: number, count: number) => number;
  /** Emits the cotangents of all inputs at the broadcast shape; they are summed back to the inputs' shapes. */
  readonly gradient: (b: OpBuilder, node: NodeRefs, dy: string) => string[];
  readonly affine: Linearity;
  readonly piecewiseLinear: Linearity;
  readonly kinks?: boolean;
  readonly crossings?: OpDef['crossings'];
  readonly relevance: RelevanceClass;
}

const EXAMPLES: readonly OpExample[] = [
  { name: 'one input', inputs: [[2, 3]] },
  {
    name: 'three inputs',
    inputs: [
      [2, 3],
      [2, 3],
      [2, 3],
    ],
  },
  { name: 'broadcast', inputs: [[3, 1], [2, 1, 4], []] },
];

/** An element-wise op of one input or more, with broadcasting. */
export function variadic(op: VariadicOp): OpDef {
  const { finish } = op;
  return defineOp({
    name: op.name,
    code: op.code,
    inputs: ['differentiable'],
    required: 1,
    variadic: true,
    attrs: {},
    relevance: op.relevance,
    affine: op.affine,
    piecewiseLinear: op.piecewiseLinear,
    kinks: op.kinks ?? false,
    infer: (inputs) => [{ dtype: inputs[0]!.dtype, shape: broadcastShapes(...inputs.map((x) => x!.shape)) }],
    forward(inputs, _attrs, [type]) {
      const [first, ...rest] = inputs as readonly Value[];
      let data = rest.length === 0 ? first.data.slice() : first.data;
      let shape = first.shape;
      for (const next of rest) {
        data = zip({ ...first, shape, data }, next, type.shape, op.f);
        shape = type.shape;
      }
      if (finish) for (let i = 0; i < data.length; i++) data[i] = finish(data[i], inputs.length);
      return [data];
    },
    vjp(b, node, [dy]) {
      return op.gradient(b, node, dy!).map((dx, i) => (node.needs[i] ? b.sumTo(dx, b.shape(node.inputs[i])) : null));
    },
    ...(op.crossings && { crossings: op.crossings }),
    examples: EXAMPLES,
  });
}
