import { readFileSync } from 'node:fs';
import {
  float64,
  int64,
  sizeOf,
  type DifferentiableModel,
  type Objective,
  type ParamValue,
  type Tensor,
} from '@pathwise/model';
import { graphBuilder, graphModel, referenceEngine } from '@pathwise/ops';

type Nested = number | readonly Nested[];

/** A case of golden/propagation.json: a small graph, and what a method gives for its first input. */
export interface PropagationCase {
  readonly name: string;
  readonly method: string;
  readonly graph: {
    readonly nodes: readonly {
      readonly op: string;
      readonly inputs: readonly string[];
      readonly output: string;
      readonly attrs?: Readonly<Record<string, number | readonly number[]>>;
    }[];
    readonly constants: Readonly<Record<string, Nested>>;
  };
  readonly inputs: Readonly<Record<string, Nested>>;
  readonly target: number;
  readonly seed?: Nested;
  readonly params: Readonly<Record<string, ParamValue>>;
  readonly expected: Nested;
}

/** Results of the rules on a reference model: of each row. */
export interface Probe {
  readonly case: string;
  readonly sum: readonly number[];
  readonly absSum: readonly number[];
  readonly argmaxFlat: readonly number[];
  readonly atArgmax: readonly number[];
}

export const golden = JSON.parse(readFileSync(new URL('../golden/propagation.json', import.meta.url), 'utf8')) as {
  readonly cases: readonly PropagationCase[];
  readonly probes: readonly Probe[];
};

/** All numbers of nested lists, in order. */
export function flat(value: Nested): number[] {
  return typeof value === 'number' ? [value] : value.flatMap(flat);
}

function shapeOf(value: Nested): number[] {
  return typeof value === 'number' ? [] : [value.length, ...shapeOf(value[0] as Nested)];
}

export function tensorOf(value: Nested): Tensor {
  return float64(shapeOf(value), flat(value));
}

/** The model of a case on the reference engine, and the names of its input and output. */
export function modelOf({ graph, inputs }: PropagationCase): {
  model: DifferentiableModel;
  input: string;
  output: string;
} {
  const [input] = Object.keys(inputs) as [string];
  const b = graphBuilder();
  b.input(input, [1, ...shapeOf(inputs[input] as Nested).slice(1)]);
  for (const [name, value] of Object.entries(graph.constants)) {
    b.constant(name === 'ax' ? int64(shapeOf(value), flat(value)) : tensorOf(value), name);
  }
  for (const { op, inputs: from, output, attrs = {} } of graph.nodes) b.emit(op, from, attrs, output);
  const output = graph.nodes.at(-1)?.output as string;
  return { model: graphModel(b.build([output]), referenceEngine), input, output };
}

/** What F is: the element `target` of a row of the output, or all of them weighted by the seed. */
export function objectiveOf({ seed, target }: PropagationCase, tensor: string, shape: readonly number[]): Objective {
  const size = sizeOf(shape.slice(1));
  if (seed === undefined) {
    const weights = new Float64Array(size);
    weights[target] = 1;
    return { tensor, rows: [{ kind: 'linear', weights }] };
  }
  const all = flat(seed);
  const rows = Array.from({ length: all.length / size }, (_, row) => all.slice(row * size, (row + 1) * size));
  return { tensor, rows: rows.map((weights) => ({ kind: 'linear', weights: Float64Array.from(weights) })) };
}
