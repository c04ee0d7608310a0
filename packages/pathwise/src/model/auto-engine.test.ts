import { describe, expect, test } from 'vitest';
import { float32, PathwiseError } from '@pathwise/model';
import type { Engine } from '@pathwise/graph';
import { graphBuilder } from '@pathwise/ops';
import { wasmEngine } from '@pathwise/wasm';
import { explainer } from '../explainer.ts';
import { autoEngine } from './auto-engine.ts';

/** F = x0^2 + x1^2; with `wide` the squares are of float64, for which the WASM engine has no kernels. */
function squares(wide: boolean) {
  const b = graphBuilder();
  const x = b.input('x', [1, 2]);
  const y = wide ? b.emit('Cast', [x], { to: 'float64' }) : x;
  const square = b.apply('Mul', [y, y], {}, { name: 'squared', outputs: ['squares'] })[0] as string;
  return b.build([b.reduceSum(wide ? b.emit('Cast', [square], { to: 'float32' }) : square, [1], true)]);
}

describe('the automatic choice', () => {
  test('is the WASM engine, without a word', async () => {
    const explain = await explainer(squares(false));
    const { engine, warnings } = await explain([[3, 4]], { target: 0, steps: 2 });
    expect([engine, warnings]).toEqual(['wasm', []]);
    explain.dispose();
  });

  test('is the reference engine for exact mode', async () => {
    const b = graphBuilder();
    const explain = await explainer(b.build([b.relu(b.sub(b.input('x', [1, 1]), 0.3))]));
    const exact = await explain([[1]], { target: 0, exact: true });
    expect([exact.engine, exact.errorMet]).toEqual(['reference', [true]]);
    expect((await explain([[1]], { target: 0, steps: 2 })).engine).toBe('wasm');
    explain.dispose();
  });

  test('is the reference engine where an op has no kernel, and says which', async () => {
    const explain = await explainer(squares(true));
    const { engine, warnings, attributions } = await explain([[3, 4]], { target: 0, steps: 2 });
    expect(engine).toBe('reference');
    expect(attributions['x']!.data).toBeClose(Float32Array.of(9, 16), { rtol: 1e-6 });
    expect(warnings).toEqual([
      {
        code: 'engine-fallback',
        message: expect.stringMatching(/^computed on the reference engine, .* node "Cast_0": .*float64/),
      },
    ]);
    explain.dispose();
  });

  test('is the reference engine where WebAssembly is not to be had', async () => {
    const nowhere: Engine = {
      ...wasmEngine,
      load: () => Promise.reject(new PathwiseError('ENGINE_UNAVAILABLE', 'code generation is forbidden')),
    };
    const explain = await explainer(squares(false), { engine: autoEngine(nowhere) });
    const { engine, warnings } = await explain({ x: float32([1, 2], [3, 4]) }, { target: 0, steps: 2 });
    expect([engine, warnings[0]?.message]).toEqual([
      'reference',
      'computed on the reference engine, in float64 and slowly, since the WASM engine cannot: code generation is forbidden',
    ]);
    explain.dispose();
  });

  test('leaves other errors as they are', async () => {
    const broken: Engine = { ...wasmEngine, load: () => Promise.reject(new PathwiseError('BUDGET', 'too little')) };
    const explain = await explainer(squares(false), { engine: autoEngine(broken) });
    await expect(explain([[3, 4]], { target: 0, steps: 2 })).rejects.toMatchObject({ code: 'BUDGET' });
  });
});
