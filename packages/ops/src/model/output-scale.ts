import { PathwiseError, type OutputScale } from '@pathwise/model';
import { producers, type Graph } from '@pathwise/graph';
import { ops } from '../op-set.ts';

/** Name of the tensor that holds an output on another scale. */
export function scaledName(output: string, scale: OutputScale): string {
  return `${output}:${scale}`;
}

export interface ScaledOutput {
  readonly graph: Graph;
  readonly tensor: string;
  /** Says when a final Softmax was looked through. */
  readonly note?: string;
}

/**
 * The graph with `output` on another scale: `logit` is the input of a final Softmax, LogSoftmax or Sigmoid (else the
 * output itself); the probabilities are appended where the model does not end in them.
 */
export function scaleOutput(graph: Graph, output: string, scale: OutputScale): ScaledOutput {
  const final = producers(graph).get(output);
  const ending = final !== undefined && ['Softmax', 'LogSoftmax', 'Sigmoid'].includes(final.op) ? final.op : null;
  const logits = ending === null ? output : (final?.inputs[0] ?? output);
  if (scale === 'logit') {
    return logits === output
      ? { graph, tensor: output }
      : { graph, tensor: logits, note: `the model ends in ${ending}; its input "${logits}" is explained` };
  }
  if (ending === 'Sigmoid' && scale === 'log-probability') {
    throw new PathwiseError(
      'UNSUPPORTED_METHOD',
      `output "${output}" ends in Sigmoid: log-probability is not defined over its classes`,
      { tensor: output },
    );
  }
  const wanted = scale === 'probability' ? 'Softmax' : 'LogSoftmax';
  if (ending === wanted || ending === 'Sigmoid') return { graph, tensor: output };
  const name = scaledName(output, scale);
  if (graph.types.has(name)) return { graph, tensor: name };
  const b = ops.builder();
  b.include(graph);
  b.emit(wanted, [logits], { axis: -1 }, name);
  return { graph: b.build(graph.outputs, graph.name), tensor: name };
}
