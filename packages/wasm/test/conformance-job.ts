import { readFileSync } from 'node:fs';
import { gradientGraph, graphBuilder } from '@pathwise/ops';
import { uniformFrom } from '../../model/testing/uniform.ts';
import { compile } from '../src/index.ts';
import { Core } from '../src/core.ts';
import { Job } from '../src/path/job.ts';
import { corePath } from './instance.ts';

/** Two tiles and three points; two lists of weights. */
const POINTS = 19;
const LISTS = 2;
const TILE = 8;

/** A path job as numbers: the plan, ends of its path, points, and what the core makes of them. */
export interface RecordedJob {
  readonly plan: Uint8Array;
  /** The input that takes the weights of F. */
  readonly seed: number;
  /** For each input of the plan both ends of the path, or the one value where it stays. */
  readonly inputs: readonly (readonly Float64Array[])[];
  readonly alphas: Float64Array;
  /** [lists, points]. */
  readonly weights: Float64Array;
  /** F of each point. */
  readonly values: Float64Array;
  /** [lists, features]. */
  readonly sums: Float64Array;
}

/** The gradient of a small network (convolution, pooling, dense, softmax) at points of one path, tile after tile. */
export function recordJob(): RecordedJob {
  const draw = uniformFrom(5);
  const drawn = (count: number, scale: number): Float64Array =>
    Float64Array.from({ length: count }, () => Math.fround((draw() - 0.5) * scale));
  const b = graphBuilder();
  const constant = (shape: number[], scale: number): string =>
    b.constant({
      dtype: 'float32',
      shape,
      data: Float32Array.from(
        drawn(
          shape.reduce((p, q) => p * q),
          scale,
        ),
      ),
    });
  const x = b.input('x', [1, 3, 8, 8]);
  const features = b.emit('Conv', [x, constant([9, 3, 3, 3], 1), constant([9], 0.5)], {});
  const pooled = b.emit('MaxPool', [b.emit('Relu', [features], {})], { kernel_shape: [2, 2], strides: [2, 2] });
  const dense = b.emit('Gemm', [b.emit('Flatten', [pooled], { axis: 1 }), constant([81, 5], 0.8)], {});
  const y = b.emit('Softmax', [dense], { axis: 1 });
  const { graph, seeds, gradients } = gradientGraph(b.build([y]), { fed: [x], targets: [y], wrt: [x], kept: [y] });
  const seed = seeds.get(y) as string;
  const plan = compile({ ...graph, inputs: [x, seed], outputs: [y, gradients.get(x) as string] }).bytes;
  const ends = [[drawn(192, 2), drawn(192, 2)], [Float64Array.of(0, 0, 1, 0, 0)]];
  const alphas = Float64Array.from({ length: POINTS }, (_, k) => (k + 0.5) / POINTS);
  const weights = Float64Array.from({ length: LISTS * POINTS }, (_, k) => (k < POINTS ? 1 / POINTS : (k % 3) - 1));
  return { plan, seed: 1, inputs: ends, alphas, weights, ...run(plan, ends, alphas, weights) };
}

function run(
  plan: Uint8Array,
  ends: readonly (readonly Float64Array[])[],
  alphas: Float64Array,
  weights: Float64Array,
): Pick<RecordedJob, 'values' | 'sums'> {
  const core = new Core(new WebAssembly.Module(readFileSync(corePath)));
  const job = new Job(core, core.loadPlan(plan), 1, LISTS);
  const inputs = ends.map(([from, to]) => ({ from: from as Float64Array, to: to ?? null }));
  const values: number[] = [];
  let sums: readonly Float64Array[] = [];
  for (let from = 0; from < POINTS; from += TILE) {
    const to = Math.min(from + TILE, POINTS);
    const lists = Array.from({ length: LISTS }, (_, l) => [...weights.subarray(l * POINTS + from, l * POINTS + to)]);
    const result = job.run({
      paths: from === 0 ? [{ slot: 0, inputs }] : [],
      begin: from === 0 ? [0] : [],
      slots: new Uint32Array(to - from),
      alphas: alphas.slice(from, to),
      weights: Float64Array.from(lists.flat()),
      finish: [0],
    });
    values.push(...result.values);
    sums = result.sums[0] as readonly Float64Array[];
  }
  return { values: Float64Array.from(values), sums: Float64Array.from(sums.flatMap((sum) => [...sum])) };
}
