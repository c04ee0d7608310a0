import { describe, expect, test } from 'vitest';
import { float32, int64 } from '@pathwise/model';
import type { Graph, TensorType } from '../graph.ts';
import type { OpDef, OpSet } from '../op.ts';
import { printDot } from './dot.ts';
import { printSvg } from './svg.ts';
import { printText } from './text.ts';

const type = (...shape: number[]): TensorType => ({ dtype: 'float32', shape });

const graph: Graph = {
  name: 'a "small" <net>',
  inputs: ['x'],
  outputs: ['y', 'axes'],
  nodes: [
    { name: 'dense', op: 'Gemm', inputs: ['x', 'w', 'bias'], outputs: ['h'], attrs: { alpha: 0.1, transB: 1 } },
    { name: 'cut', op: 'Split', inputs: ['h', ''], outputs: ['y', ''], attrs: { axis: 1, mode: 'a"b' } },
  ],
  constants: new Map([
    ['w', float32([4, 3], new Float32Array(12))],
    ['bias', float32([4], [0, 1 / 3, 2, -1])],
    ['axes', int64([2], [0, 1])],
  ]),
  types: new Map<string, TensorType>([
    ['x', type(1, 3)],
    ['w', type(4, 3)],
    ['bias', type(4)],
    ['h', type(1, 4)],
    ['y', type(1, 2)],
    ['axes', { dtype: 'int64', shape: [2] }],
  ]),
};

/** Enough of an op set for the printers. */
const ops: OpSet = {
  all: [],
  get: (name) =>
    ({ name, relevance: 'weighted-linear', attrs: { transB: { type: 'int', default: 1 } } }) as unknown as OpDef,
  builder: () => {
    throw new Error('printers build nothing');
  },
};

describe('printText', () => {
  test('one line a node, small constants in place', () => {
    expect(printText(graph)).toMatchInlineSnapshot(`
      "graph "a \\"small\\" <net>": 2 nodes, 3 constants of 18 elements
        input x: float32[1,3]
        h: float32[1,4] = Gemm(x, w:float32[4,3], [0,0.333333,2,-1]) alpha=0.1 transB=1
        y: float32[1,2], - = Split(h, -) axis=1 mode="a\\"b"
        output y: float32[1,2]
        output axes: int64[2] (constant 0, 1)
      "
    `);
  });

  test('leaves out attributes with their default value where ops are known', () => {
    expect(printText(graph, ops)).toContain('Gemm(x, w:float32[4,3], [0,0.333333,2,-1]) alpha=0.1\n');
  });
});

test('printDot quotes what it is given', () => {
  expect(printDot(graph, ops)).toMatchInlineSnapshot(`
    "digraph "a \\"small\\" <net>" {
      rankdir=TB; node [shape=box, style="filled,rounded", fontname="Helvetica", fontsize=11]; edge [arrowsize=0.6];
      v0 [label="x\\nfloat32[1,3]", tooltip="input x", fillcolor="#ffffff", shape=ellipse];
      v1 [label="Gemm\\n1×4\\nweight 4×3", tooltip="dense\\nh: float32[1,4] = Gemm(x, w:float32[4,3], [0,0.333333,2,-1]) alpha=0.1", fillcolor="#c6dbf2"];
      v2 [label="Split\\n1×2", tooltip="cut\\ny: float32[1,2], - = Split(h, -) axis=1 mode=\\"a\\\\\\"b\\"", fillcolor="#c6dbf2"];
      v3 [label="y\\nfloat32[1,2]", tooltip="output y", fillcolor="#ffffff", shape=ellipse];
      v4 [label="axes\\nint64[2]", tooltip="output axes", fillcolor="#ffffff", shape=ellipse];
      v0 -> v1 [tooltip="x"];
      v1 -> v2 [tooltip="h"];
      v2 -> v3 [tooltip="y"];
    }
    "
  `);
});

describe('printSvg', () => {
  test('is well-formed and has a box for each input, node and output', () => {
    const svg = printSvg(graph, ops);
    const open: string[] = [];
    for (const [, closing, name, selfClosing] of svg.matchAll(/<(\/?)([a-z]+)(?:\s+[\w:-]+="[^"<]*")*\s*(\/?)>/g)) {
      if (closing === '/') expect(open.pop()).toBe(name);
      else if (selfClosing !== '/') open.push(name as string);
    }
    expect(open).toEqual([]);
    expect(svg.match(/<g><title>/g)).toHaveLength(5);
    expect(svg.match(/marker-end/g)).toHaveLength(3);
    expect(svg).toContain('a &quot;small&quot; &lt;net&gt;');
    expect(svg).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('of an empty graph', () => {
    const empty: Graph = { ...graph, inputs: [], outputs: [], nodes: [] };
    expect(printSvg(empty)).toContain('width="32" height="32"');
  });
});
