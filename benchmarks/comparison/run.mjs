// Pathwise and other systems side by side in one process run, interleaved (benchmarks/README.md):
//   (cd benchmarks/comparison && npm ci --ignore-scripts)     once: the other systems
//   node benchmarks/comparison/run.mjs [--parts points,tolerance,memory,size] [--networks googlenet,mlp] [--systems wasm,torch]
//        [--points 50] [--rounds 7] [--workers 1,2] [--python PATH] [-o results]
// Writes results.json and results.md, and prints the tables. Needs `pnpm build` first; Python with torch only for torch.
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { createWasmEngine, loadRelaxedCore, wasmEngine } from '@pathwise/wasm';
import { networks } from '../networks/all.mjs';
import { machine } from './machine.mjs';
import { compareMemory, memoryTable } from './memory.mjs';
import { comparePoints, pointsTable } from './points.mjs';
import { compareSizes, sizesTable } from './sizes.mjs';
import { onnxruntime, ortEngine } from './systems/onnxruntime.mjs';
import { pathwise } from './systems/pathwise.mjs';
import { tfjs } from './systems/tfjs.mjs';
import { torch } from './systems/torch.mjs';
import { compareTolerances, tolerancesTable } from './tolerances.mjs';

const { values: flags } = parseArgs({
  options: {
    parts: { type: 'string', default: 'points,tolerance,memory,size' },
    networks: { type: 'string', default: Object.keys(networks).join() },
    systems: { type: 'string' },
    points: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '7' },
    workers: { type: 'string', default: '1,2' },
    python: { type: 'string' },
    out: { type: 'string', short: 'o', default: 'pathwise-out/comparison' },
  },
});

const wasm = flags.workers.split(',').map((count) => {
  const label = `Pathwise wasm, ${count === '1' ? '1 worker' : `${count} workers`}`;
  return pathwise(count === '1' ? 'wasm' : `wasm-${count}`, label, async () => wasmEngine, { workers: Number(count) });
});
const relaxed = await loadRelaxedCore().then(
  () => [pathwise('wasm-relaxed', 'Pathwise wasm, relaxed SIMD', async () => createWasmEngine({ relaxed: true }))],
  () => [],
);
const others = [
  onnxruntime('web'),
  ortEngine('web'),
  onnxruntime('node'),
  ortEngine('node'),
  tfjs(),
  torch(flags.python),
];
const chosen = flags.systems?.split(',');
const systems = [...wasm, ...relaxed, ...others].filter(({ id }) => chosen === undefined || chosen.includes(id));
const names = flags.networks.split(',');
const common = {
  names,
  networkOf: (name) => networks[name]?.(),
  systems,
  points: Number(flags.points),
  rounds: Number(flags.rounds),
  log: (line) => console.error(line),
};

const PARTS = {
  points: [`Integrated Gradients, ${flags.points} points`, comparePoints, pointsTable],
  tolerance: ['Integrated Gradients to a tolerance', compareTolerances, tolerancesTable],
  memory: ['Memory and the number of points', compareMemory, memoryTable],
  size: ['Time, image size and depth', compareSizes, sizesTable],
};

const report = { machine: machine(), options: flags };
const { cpu, cores, memoryGB, node, date } = report.machine;
const text = [
  `# Comparison\n\n${cpu}, ${cores} cores, ${memoryGB} GB, Node ${node}, ${date.slice(0, 10)}. Each system on one thread unless it says otherwise; medians of ${flags.rounds} interleaved rounds.`,
];
for (const part of flags.parts.split(',')) {
  const [title, measure, toTable] =
    PARTS[part] ?? fail(`--parts: expected some of ${Object.keys(PARTS).join(', ')}, got ${part}`);
  report[part] = await measure(common);
  text.push(`## ${title}\n\n${toTable(report[part])}`);
  console.log(`${text.at(-1)}\n`);
  save();
}
process.exit(0);

/** After every part, so that a run that is cut short leaves what it has. */
function save() {
  const folder = flags.out.replace(/[^/\\]*$/u, '');
  if (folder !== '') mkdirSync(folder, { recursive: true });
  writeFileSync(`${flags.out}.json`, `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(`${flags.out}.md`, `${text.join('\n\n')}\n`);
}

function fail(message) {
  console.error(message);
  process.exit(2);
}
