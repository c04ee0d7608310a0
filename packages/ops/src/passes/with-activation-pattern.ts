import { PathwiseError } from '@pathwise/model';
import type { Attrs, Graph } from '@pathwise/graph';
import type { OpBuilder } from '../builder.ts';
import { spatialAxes } from '../families/global-pooling.ts';
import { axesOfNode, type ReductionAttrs } from '../families/reduction.ts';
import { firstWinner } from '../families/winner.ts';
import { ops } from '../op-set.ts';
import { rewriteNodes } from '../rewrite-nodes.ts';

/** The outputs of an op on the linear piece on which `decided`, standing for its first input, lies. */
type PieceRule = (b: OpBuilder, inputs: readonly string[], decided: string, attrs: Attrs) => readonly string[];

const PIECES: Readonly<Record<string, PieceRule>> = {
  Relu: (b, [x], decided) => [b.where(b.greater(decided, 0), x!, 0)],
  LeakyRelu: (b, [x], decided, { alpha }) => [b.where(b.greater(decided, 0), x!, b.mul(x!, Number(alpha)))],
  PRelu: (b, [x, slope], decided) => [b.where(b.greater(decided, 0), x!, b.mul(x!, slope!))],
  Clip(b, [x, low, high], decided) {
    const raised = low ? b.where(b.less(decided, low), low, x!) : x!;
    return [high ? b.where(b.greater(decided, high), high, raised) : raised];
  },
  MaxPool(b, [x], decided, attrs) {
    const outputs = [b.freshName('MaxPool'), b.freshName('MaxPool_indices')];
    const indices = b.apply('MaxPool', [decided], { ...attrs, storage_order: 0 }, { outputs })[1]!;
    const taken = b.emit('GatherElements', [b.reshape(x!, [-1]), b.reshape(indices, [-1])], { axis: 0 });
    return [b.reshape(taken, b.shape(indices))];
  },
  GlobalMaxPool(b, [x], decided) {
    const axes = spatialAxes(b.shape(x!));
    return [b.reduceSum(b.mul(firstWinner(b, decided, axes, 'ArgMax'), x!), axes)];
  },
  ReduceMax(b, [x, axes = ''], decided, attrs) {
    const reduced = axesOfNode(b, [x!, axes], attrs as ReductionAttrs);
    return [b.emit('ReduceSum', [b.mul(firstWinner(b, decided, reduced, 'ArgMax'), x!), axes], attrs)];
  },
};

/** A graph whose activation pattern is fed. */
export interface PatternedGraph {
  readonly graph: Graph;
  /** For each tensor of the original graph on whose values a unit decides, the input that stands for it there. */
  readonly deciding: ReadonlyMap<string, string>;
}

/**
 * Takes the activation pattern of a piecewise-linear network (which units are on, which place of a pooling window is the
 * largest) from further inputs, in place of the tensors that the network computes. Fed with those very tensors, the graph
 * and its gradients are the original's. Fed with the tensors of another engine, its gradient is the one which that engine
 * should have: where a pre-activation lies within rounding of a kink the two may decide differently, and the gradient jumps.
 *
 * @throws PathwiseError UNSUPPORTED_OP naming a node with kinks whose pieces are not known
 * @source "activation pattern": Raghu et al., On the Expressive Power of Deep Neural Networks, ICML 2017
 */
export function withActivationPattern(graph: Graph): PatternedGraph {
  const deciding = new Map<string, string>();
  const patterned = rewriteNodes(graph, (b, { name, op, inputs, outputs, attrs }) => {
    const rule = PIECES[op];
    if (rule === undefined || outputs.length > 1) {
      if (ops.get(op)?.kinks !== true) return null;
      const message = `activation pattern: node "${name}" (${op}) has kinks, and no rule says on which side it is`;
      throw new PathwiseError('UNSUPPORTED_OP', message, { node: name, op });
    }
    const x = inputs[0] as string;
    const decided = deciding.get(x) ?? b.input(b.freshName(`${x}.decided`), b.shape(x), b.type(x).dtype);
    deciding.set(x, decided);
    return rule(b, inputs, decided, attrs);
  });
  return { graph: patterned, deciding };
}
