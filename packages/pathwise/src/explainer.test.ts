import { describe, expect, test } from 'vitest';
import { float32 } from '@pathwise/model';
import { graphBuilder } from '@pathwise/ops';
import { explainer } from './explainer.ts';

/** F = (x0 x1, x0 + x1) by hand. */
function productAndSum() {
  const b = graphBuilder();
  const x = b.input('x', [1, 2]);
  const left = b.apply('Gather', [x, b.constant({ dtype: 'int64', shape: [1], data: BigInt64Array.of(0n) })], {
    axis: 1,
  })[0] as string;
  const right = b.apply('Gather', [x, b.constant({ dtype: 'int64', shape: [1], data: BigInt64Array.of(1n) })], {
    axis: 1,
  })[0] as string;
  const [y = ''] = b.apply('Concat', [b.mul(left, right), b.add(left, right)], { axis: 1 }, { outputs: ['y'] });
  return b.build([y]);
}

describe('explainer', () => {
  // Closed form: integrated gradients of x0 x1 from 0 are half the product each; of x0 + x1 the terms themselves.
  test('attributes', async () => {
    const explain = await explainer(productAndSum());
    const product = await explain([[2, 3]], { target: 0, steps: 4 });
    expect(product.attributions['x']?.data).toBeClose(Float32Array.of(3, 3), { rtol: 1e-6 });
    expect(product).toMatchObject({
      method: 'integrated-gradients',
      engine: 'wasm',
      target: ['y[0]'],
      outputAtInput: [6],
    });
    const sum = await explain({ x: float32([2, 2], [1, 2, 3, 4]) }, { target: 1, method: 'gradient' });
    expect([...(sum.attributions['x']?.data ?? [])]).toEqual([1, 1, 1, 1]);
    explain.dispose();
  });

  test('files named by paths are read by the function given, also those that a model names', async () => {
    const read: string[] = [];
    const readFile = (path: string): Promise<Uint8Array> => {
      read.push(path);
      return Promise.resolve(new TextEncoder().encode(path.endsWith('.csv') ? 'a,b\n2,3\n' : 'not a model'));
    };
    const explain = await explainer(productAndSum(), { readFile });
    const prepared = await explain.prepare('dropped/row.csv');
    expect(prepared.featureNames).toEqual({ x: ['a', 'b'] });
    expect([...(prepared.feeds['x']?.data ?? [])]).toEqual([2, 3]);
    await expect(explainer('dropped/model.onnx', { readFile })).rejects.toMatchObject({ code: 'BAD_FILE' });
    expect(read).toEqual(['dropped/row.csv', 'dropped/model.onnx']);
  });

  test('predicts, with labels, largest first', async () => {
    const explain = await explainer(productAndSum(), { labels: ['product', 'sum'] });
    const { outputs, top } = await explain.predict(
      [
        [2, 3],
        [1, 1],
      ],
      { top: 1 },
    );
    expect([...(outputs['y']?.data ?? [])]).toEqual([6, 5, 1, 2]);
    expect(top).toEqual([[{ index: 0, label: 'product', value: 6 }], [{ index: 1, label: 'sum', value: 2 }]]);
  });

  test('an input is prepared once for several calls; warnings of preprocessing stay with the result', async () => {
    const b = graphBuilder();
    const x = b.input('x', [1, 1, 1, 2]);
    const explain = await explainer(b.build([b.reduceSum(x, [2, 3], false)]));
    const prepared = await explain.prepare({ width: 2, height: 1, data: Uint8Array.of(0, 255) });
    const { attributions, warnings } = await explain(prepared, { target: 0 });
    expect([...(attributions['x']?.data ?? [])]).toEqual([0, 1]);
    expect(warnings.map(({ code }) => code)).toEqual(['default-preprocessing']);
  });

  test('says what it supports', async () => {
    const explain = await explainer(productAndSum());
    expect(explain.supports('integrated-gradients')).toEqual({ ok: true });
    expect(() => explain.supports('alchemy')).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
    expect(explain.inputs.map(({ name }) => name)).toEqual(['x']);
  });

  test('what is not there', async () => {
    await expect(explainer(productAndSum(), { engine: 'native' })).rejects.toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: engine "native" is not part of this version of Pathwise. Use "wasm" for speed or "reference" for float64]`,
    );
    await expect(explainer('missing.onnx')).rejects.toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: missing.onnx: there is no such file]`,
    );
    await expect(explainer('model.json')).rejects.toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: model.json: there is no such file]`,
    );
    const explain = await explainer(productAndSum());
    await expect(explain([[1, 2]], { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
    await expect(explain.predict({})).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
  });
});
