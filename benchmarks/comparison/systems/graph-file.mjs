import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Writes a graph for programs in other languages: graph.json, and the constants one after the other in weights.bin. */
export function writeGraph(graph, folder) {
  const constants = {};
  const parts = [];
  let offset = 0;
  for (const [name, { dtype, shape, data }] of graph.constants) {
    const isFloat = dtype === 'float32' || dtype === 'float64';
    const values = isFloat ? Float32Array.from(data) : BigInt64Array.from(data, (value) => BigInt(Number(value)));
    constants[name] = { dtype: isFloat ? 'float32' : 'int64', shape, offset };
    parts.push(new Uint8Array(values.buffer));
    offset += values.byteLength;
  }
  const { inputs, outputs, nodes } = graph;
  writeFileSync(join(folder, 'graph.json'), JSON.stringify({ inputs, outputs, nodes, constants }));
  writeFileSync(join(folder, 'weights.bin'), Buffer.concat(parts));
}
