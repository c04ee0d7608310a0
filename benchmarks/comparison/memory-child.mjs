// node memory-child.mjs NETWORK POINTS: prints the peak memory of this process as JSON.
import { wasmEngine } from '@pathwise/wasm';
import { inputOf, networks } from '../networks/all.mjs';
import { pathwise } from './systems/pathwise.mjs';
import { taskOf } from './task.mjs';

const [name, points] = process.argv.slice(2);
const graph = networks[name]?.() ?? null;
if (graph === null) throw new Error(`no network ${name}`);
const session = await pathwise('wasm', 'wasm', async () => wasmEngine).open(taskOf(name, graph, inputOf(name, graph)));
await session.run(8);
const peakMB = () => Math.round(process.resourceUsage().maxRSS / 1024);
const beforeMB = peakMB();
const started = performance.now();
await session.run(Number(points));
console.log(JSON.stringify({ peakMB: peakMB(), beforeMB, seconds: (performance.now() - started) / 1000 }));
