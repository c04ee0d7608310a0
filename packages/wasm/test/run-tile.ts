import { expect } from 'vitest';
import { rowsOf, sizeOf } from '@pathwise/model';
import { compile, type CompileOptions } from '../src/index.ts';
import { instantiate, put } from './instance.ts';
import type { OpCase } from './op-cases.ts';

/** The outputs of the first rows (1 to 8) of a case as one tile on the plain core, by name. */
export function outputsOfTile(
  { graph, feeds }: OpCase,
  rows: number,
  compiling: CompileOptions = {},
): Map<string, Float32Array> {
  const core = instantiate();
  const { bytes } = compile(graph, compiling);
  const plan = core.pw_plan_load(put(core, bytes), bytes.length);
  const inputs = Float32Array.from(
    graph.inputs.flatMap((name) => Array.from(rowsOf(feeds[name]!, 0, rows).data, Number)),
  );
  const sizes = graph.outputs.map((name) => rows * sizeOf(graph.types.get(name)!.shape));
  const from = put(core, new Uint8Array(inputs.buffer));
  const to = core.pw_alloc(4 * sizes.reduce((a, b) => a + b, 0));
  expect([plan, core.pw_forward(plan, rows, from, to)]).toEqual([0, 0]);
  let at = to;
  return new Map(
    graph.outputs.map((name, i) => {
      const values = new Float32Array(core.memory.buffer, at, sizes[i]).slice();
      at += values.byteLength;
      return [name, values];
    }),
  );
}
