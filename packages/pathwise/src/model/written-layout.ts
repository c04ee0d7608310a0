import type { Attribution, Shape, Tensor } from '@pathwise/model';
import type { NeuronSelector } from '@pathwise/attribution';
import type { Graph, GraphSource } from '@pathwise/graph';
import { channelsLast } from '@pathwise/tfjs';

/**
 * The layers of a model as its file writes them. Where the graph holds channels second and the file has them last,
 * results are turned round, and so are the places of neurons.
 */
export interface WrittenLayout {
  /** A selector of elements of a layer as the graph holds them. */
  neuron(selector: NeuronSelector, layer: string | readonly string[] | undefined): NeuronSelector;
  /** @param shapeOf - shape of a tensor of the graph, for one row */
  result(attribution: Attribution, shapeOf: (tensor: string) => Shape | undefined): Attribution;
}

export function writtenLayout(source: Graph | GraphSource): WrittenLayout {
  const isTurned = (tensor: string): boolean =>
    'channelsFirst' in source && source.channelsFirst instanceof Set && source.channelsFirst.has(tensor);
  return {
    neuron(selector, layer) {
      const [only] = typeof layer === 'string' ? [layer] : (layer ?? []);
      if (only === undefined || !isTurned(only)) return selector;
      const entries = entriesOf(selector);
      return [...entries.slice(-1), ...entries.slice(0, -1)];
    },
    result(attribution, shapeOf) {
      const turn = (name: string, tensor: Tensor): Tensor =>
        // Maps of one value a place, as Grad-CAM gives, are no tensors of the layer.
        isTurned(name) && sameRow(tensor.shape, shapeOf(name)) ? channelsLast(tensor) : tensor;
      const all = (tensors: Readonly<Record<string, Tensor>>): Record<string, Tensor> =>
        Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, turn(name, tensor)]));
      if (!Object.keys(attribution.attributions).some(isTurned)) {
        return { ...attribution, target: attribution.target.map(writtenNeuron) };
      }
      const { attributions, standardErrors, perBaseline } = attribution;
      return {
        ...attribution,
        target: attribution.target.map(writtenNeuron),
        attributions: all(attributions),
        ...(standardErrors !== undefined && { standardErrors: all(standardErrors) }),
        ...(perBaseline !== undefined && { perBaseline: perBaseline.map(all) }),
      };
    },
  };

  /** `conv[channel,row,column]` as the file would have it. */
  function writtenNeuron(target: string): string {
    const [, layer, places] = /^(.*)\[([^\]]*)\]$/.exec(target) ?? [];
    if (layer === undefined || places === undefined || !isTurned(layer)) return target;
    const [channel, ...others] = places.split(',');
    return `${layer}[${[...others, channel].join(',')}]`;
  }
}

function entriesOf(selector: NeuronSelector): readonly (number | string)[] {
  return typeof selector === 'string' ? selector.replaceAll(/[[\]\s]/g, '').split(',') : selector;
}

function sameRow(shape: Shape, row: Shape | undefined): boolean {
  return row !== undefined && shape.length === row.length && shape.slice(1).join() === row.slice(1).join();
}
