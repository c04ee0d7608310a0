import type { Structure } from '../src/capabilities.ts';
import { smoothSteps, type ToyGraph } from './toy-graph.ts';

/** What is known of a toy graph; statements are about whole tensors. */
export function toyStructure(graph: ToyGraph, shapeOf: (name: string) => readonly number[]): Structure {
  const kindsOf = (moving: readonly string[], target: string) => {
    const tape = graph.tape(moving, [target]);
    return { tape, kinds: graph.kinds(tape, moving) };
  };
  const isAffine = (moving: readonly string[], name: string): boolean => {
    const { tape, kinds } = kindsOf(moving, name);
    return (tape.at.get(name) as number[]).every((i) => kinds[i] === 'affine' || kinds[i] === 'constant');
  };
  return {
    tensors: graph.names,
    tensor: (name) => (graph.sizes.has(name) ? { dtype: 'float32' as const, shape: [1, ...shapeOf(name)] } : undefined),
    reaches: (from, target) => graph.ancestors(target).has(from),
    bypass: (layer, from, target) => findBypass(graph, layer, from, target),
    affineFrontier(moving, target) {
      if (isAffine(moving, target)) return [];
      const moves = (name: string): boolean => moving.some((m) => graph.ancestors(name).has(m));
      const frontier = new Set<string>();
      const walk = (name: string): void => {
        for (const read of graph.reads(name)) {
          if (!moves(read)) continue;
          if (isAffine(moving, read)) frontier.add(read);
          else walk(read);
        }
      };
      walk(target);
      return [...frontier];
    },
    pathKind(moving, target) {
      const { tape, kinds } = kindsOf(moving, target);
      const own = (tape.at.get(target) as number[]).map((i) => kinds[i]);
      const has = (kind: string): boolean => own.some((k) => k === kind);
      const blockers = smoothSteps(tape, kinds, target);
      if (has('mixed') || (has('smooth') && has('piecewise-linear'))) return { kind: 'mixed', blockers };
      if (has('smooth')) return { kind: 'smooth', blockers };
      return { kind: has('piecewise-linear') ? 'piecewise-linear' : 'affine', blockers: [] };
    },
  };
}

function findBypass(
  graph: ToyGraph,
  layer: readonly string[],
  from: readonly string[],
  target: string,
): { from: string; to: string } | null {
  const cut = new Set(layer);
  for (const name of layer) {
    const above = graph.ancestors(name);
    const other = layer.find((l) => l !== name && above.has(l));
    if (other !== undefined) return { from: other, to: name };
  }
  for (const name of graph.ancestors(target, cut)) {
    if (cut.has(name)) continue;
    const source = graph.reads(name).find((read) => !cut.has(read) && from.includes(read));
    if (source !== undefined) return { from: source, to: name };
  }
  return null;
}
