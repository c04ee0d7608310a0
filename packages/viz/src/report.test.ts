import { float32, type PathCurve } from '@pathwise/model';
import { parse, type DefaultTreeAdapterTypes } from 'parse5';
import { describe, expect, test } from 'vitest';
import { attributionOf, parseSvg } from '../test/helpers.ts';
import { render } from './render.ts';

type Node = DefaultTreeAdapterTypes.ChildNode;
type Element = DefaultTreeAdapterTypes.Element;

/** All elements of an HTML page, as a browser reads it. */
function elementsOf(html: string): Element[] {
  const list: Element[] = [];
  const walk = (nodes: Node[]): void => {
    for (const node of nodes) {
      if ('tagName' in node) list.push(node);
      if ('childNodes' in node) walk(node.childNodes);
    }
  };
  walk(parse(html).childNodes);
  return list;
}

function textOf(node: Node | Element): string {
  if ('value' in node) return node.value;
  return 'childNodes' in node ? node.childNodes.map(textOf).join('') : '';
}

function rowsOf(html: string): Map<string, string> {
  const cells = elementsOf(html).filter((e) => e.tagName === 'tr');
  return new Map(cells.map((tr) => tr.childNodes.map(textOf)).map(([a, b]) => [a ?? '', b ?? '']));
}

const table = attributionOf([1, 3], [1, -4, 7.5625]);
const hostile = `"><script>alert(1)</script><img src=x onerror='alert(2)'>&\u0000\uD800]]>`;

describe('the report', () => {
  test('states all that is needed to judge and to repeat', async () => {
    const html = await render(table, {
      format: 'html',
      modelName: 'mlp.onnx',
      inputName: 'row.csv',
      labels: ['a', 'b', 'c', 'cat'],
    });
    const rows = rowsOf(html);
    expect(rows.get('F(x), output at the input')).toBe('4.7500');
    expect(rows.get('F(x′), output at the baseline')).toBe('0.25000');
    expect(rows.get('Convergence delta')).toBe('+0.06250 (1.4 %)');
    expect(rows.get('Stated error')).toBe('2.1 % of |A|₁, tolerance met');
    expect(rows.get('Cancellation')).toContain('2.50');
    expect(rows.get('Evaluations')).toBe('96 gradients and 2 forward passes');
    expect(rows.get('Method')).toBe('integrated-gradients');
    expect(rows.get('Engine')).toBe('reference');
    expect(rows.get('Model')).toBe('mlp.onnx');
    expect(rows.get('Input')).toBe('row.csv');
    expect(rows.get('Target')).toBe('cat (logits[3])');
    expect(rows.get('tolerance')).toBe('0.05');
    expect(html).toContain('Adds up: good');
    // 1 − 4 + 7.5625 = 4.5625.
    expect(html).toContain('Σ 4.563, F(x) − F(x′) 4.500, Δ 1.4 %');
  });

  test.each([
    [{ errorMet: [false] }, 'the tolerance was not met'],
    [{ relativeDelta: [-0.2] }, 'the sum misses F(x) − F(x′) by 20 %'],
    [{ complete: false }, 'the layer is no cut'],
    [{ relativeDelta: [null] }, 'F(x) = F(x′)'],
  ])('asks for a look: %o', async (rest, reason) => {
    const html = await render({ ...table, ...rest }, 'html');
    expect(html).toContain('To be checked');
    expect(html).toContain(reason);
  });

  test('a list of numbers that is empty says so', async () => {
    expect(await render({ ...table, params: { alphas: [] } }, 'html')).toContain('none given');
  });

  test('methods without a sum say so; exact results say that', async () => {
    const gradient = {
      ...table,
      method: 'gradient',
      unit: 'per-unit' as const,
      convergenceDelta: null,
      relativeDelta: null,
    };
    const html = await render(
      { ...gradient, error: null, errorMet: null, cancellation: null, outputAtBaseline: null },
      'html',
    );
    expect(html).toContain('makes no statement about its sum');
    expect(rowsOf(html).has('Convergence delta')).toBe(false);
    expect(html).toContain('logits[3] per unit of input');
    expect(await render({ ...table, exact: true }, 'html')).toContain('Adds up: exact');
    const players = { ...table, exact: true, perPlayer: [[1]] };
    const ways = [0, 16].map(async (gradient) => render({ ...players, evaluations: { forward: 9, gradient } }, 'html'));
    expect(rowsOf((await ways[0]) ?? '').get('Exact')).toContain('over all coalitions of players');
    expect(rowsOf((await ways[1]) ?? '').get('Exact')).toContain('from breakpoint to breakpoint');
  });

  test('warnings are listed', async () => {
    const html = await render({ ...table, warnings: [{ code: 'KINKS', message: 'many kinks' }] }, 'html');
    expect(
      elementsOf(html)
        .filter((e) => e.tagName === 'li')
        .map(textOf),
    ).toEqual(['many kinks (KINKS)']);
  });

  test('holds no script and asks for nothing from anywhere', async () => {
    const html = await render(attributionOf([1, 1, 2, 2], [1, 2, 3, 4]), {
      format: 'html',
      image: { width: 2, height: 2, data: Uint8Array.of(1, 2, 3, 4) },
    });
    const elements = elementsOf(html);
    expect(elements.filter((e) => ['script', 'link', 'iframe', 'object', 'embed', 'base'].includes(e.tagName))).toEqual(
      [],
    );
    const addresses = elements.flatMap((e) =>
      e.attrs.filter((a) => ['src', 'href', 'srcset'].includes(a.name)).map((a) => a.value),
    );
    expect(addresses).toHaveLength(3); // the photograph, and the map for light and dark
    for (const address of addresses) expect(address).toMatch(/^data:image\/png;base64,/u);
    expect(html).toContain("default-src 'none'; img-src data:");
    expect(html).not.toMatch(/url\(|@import/u);
  });

  test('every picture has both schemes, an alternative text and a table', async () => {
    const elements = elementsOf(await render(table, 'html'));
    const svgs = elements.filter((e) => e.tagName === 'svg');
    // Bars, the waterfall and the force plot.
    expect(svgs).toHaveLength(6);
    for (const svg of svgs)
      expect(svg.attrs.find((a) => a.name === 'aria-label')?.value).toContain('Strongest features: x[2] +7.56');
    const details = elements.find((e) => e.tagName === 'details');
    expect(textOf(details as Element)).toContain('x[1]−4.000');
    expect(elements.filter((e) => e.attrs.some((a) => a.name === 'id'))).toEqual([]); // nothing to collide
  });

  test('several attributed tensors and the curve are all shown, with titles', async () => {
    const curve: PathCurve = {
      alphas: [0, 1],
      outputs: [0, 4],
      gradientNorms: [4, 4],
      cumulative: [0, 4],
      halfChangeAlpha: 0.5,
      saturated: false,
    };
    const attributions = { a: float32([1, 2], [1, 2]), b: float32([1, 1], [1]) };
    const elements = elementsOf(await render({ ...table, attributions, curves: [curve] }, 'html'));
    expect(elements.filter((e) => e.attrs.some((a) => a.value === 'tensor')).map(textOf)).toEqual([
      'Attribution of a',
      'Attribution of b',
      'Along the path',
    ]);
  });
});

describe('hostile text', () => {
  test.each(['bars', 'tokens', 'series', 'heatmap'] as const)('stays text: %s', async (kind) => {
    const shape = kind === 'heatmap' ? [1, 1, 1, 3] : [1, 3];
    const attribution = attributionOf(shape, [1, 2, 3], {
      attributions: { [hostile]: float32(shape, [1, 2, 3]) },
      target: [hostile],
      method: hostile,
      engine: hostile,
      params: { [hostile]: hostile },
      warnings: [{ code: hostile, message: hostile }],
    });
    const options = {
      kind,
      title: hostile,
      modelName: hostile,
      inputName: hostile,
      tokens: [hostile, hostile, hostile],
      featureNames: [hostile, hostile, hostile],
      values: kind === 'series' ? [1, 2, 3] : [hostile, hostile, hostile],
      labels: [hostile, hostile, hostile, hostile],
    };
    const svg = await render(attribution, { format: 'svg', ...options });
    expect([...parseSvg(svg).getElementsByTagName('*')].map((e) => e.tagName)).not.toContain('script');
    const elements = elementsOf(await render(attribution, { format: 'html', ...options }));
    expect(elements.filter((e) => e.tagName === 'script' || e.tagName === 'img')).toEqual([]);
    expect(elements.flatMap((e) => e.attrs).filter((a) => a.name.startsWith('on'))).toEqual([]);
    expect(textOf(elements.find((e) => e.tagName === 'h1') as Element)).toContain('<script>alert(1)</script>');
  });
});
