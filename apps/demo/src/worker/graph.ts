import { printSvg } from '@pathwise/graph';
import { ops } from '@pathwise/ops';
import { inspectModel, type Cost, type Support } from 'pathwise';
import { openModel, type Engine } from './models.ts';
import type { LayerFacts, ModelGraph } from './protocol.ts';

/** Nodes of a graph that are drawn at most: more cannot be read, and laying them out takes long. */
const MOST_DRAWN = 600;

/** What a model is made of, and what can be done with it. */
export async function graphOf(id: string, engine: Engine): Promise<ModelGraph> {
  const { explain, sample } = await openModel(id, engine);
  const { inspection, graph } = inspectModel(explain);
  const gradients = new Map(inspection.ops.map(({ op, gradient }) => [op, gradient]));
  const layers = graph.nodes.map((node): LayerFacts => {
    const [name = ''] = node.outputs;
    return {
      name,
      op: node.op,
      shape: graph.types.get(name)?.shape.join(' × ') ?? '',
      gradient: gradients.get(node.op) ?? 'missing',
    };
  });
  const { nodes, parameters, opset, forward, gradient } = inspection;
  return {
    svg: nodes > MOST_DRAWN ? null : printSvg(graph, ops),
    before: graph.inputs.length,
    layers,
    facts: [
      ['Name', sample?.title ?? inspection.name],
      ...inspection.inputs.map(
        ({ name, dtype, shape }) => ['Input', `${name} ${dtype} [${shape.join(', ')}]`] as const,
      ),
      ...inspection.outputs.map(
        ({ name, dtype, shape }) => ['Output', `${name} ${dtype} [${shape.join(', ')}]`] as const,
      ),
      ['Parameters', parameters.toLocaleString('en')],
      ['Nodes', String(nodes)],
      ...(opset === null ? [] : [['Opset', String(opset)] as const]),
      ['Forward', costText(forward)],
      ['A path point', gradient === null ? 'gradients cannot be formed' : costText(gradient)],
    ],
    engines: Object.entries(inspection.engines).map(([name, support]) => [name, supportText(support)] as const),
    blocked: Object.entries(inspection.methods).flatMap(([name, support]) =>
      support.ok ? [] : [[name, supportText(support)] as const],
    ),
  };
}

function supportText(support: Support): string {
  if (support.ok) return 'yes';
  const [first] = support.missing;
  if (first === undefined) return 'no';
  return `${first.op === '' ? '' : `node "${first.node}" (${first.op}): `}${first.reason}`;
}

function costText({ flop, bytes }: Cost): string {
  return `${scaled(flop)}FLOP, ${scaled(bytes)}B`;
}

function scaled(value: number): string {
  const [step, unit] = value >= 1e9 ? [1e9, 'G'] : value >= 1e6 ? [1e6, 'M'] : value >= 1e3 ? [1e3, 'k'] : [1, ''];
  return `${Number((value / (step as number)).toPrecision(3))} ${unit}`;
}
