// Integrated gradients in the core: memory against the number of points, and one thread against workers.
//   node benchmarks/wasm/paths.mjs [--network squeezenet-1.0] [--counts 50,500,2000] [--points 50] [--workers 2] [--rounds 7]
// Memory: the largest resident size of a process of its own for each number of points.
// Workers: wall time in this process, in turns; the workers have started and hold the model. It means little on a
// machine whose cores are busy otherwise, so the load is printed, and for every round the share of a core it got.
import { execFileSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { attribute } from '@pathwise/attribution';
import { graphModel } from '@pathwise/ops';
import { wasmEngine } from '@pathwise/wasm';
import { inputOf, networks } from '../networks/all.mjs';
import { cpuMs, median } from './core.mjs';

const { values: flags } = parseArgs({
  options: {
    network: { type: 'string', default: 'squeezenet-1.0' },
    counts: { type: 'string', default: '50,500,2000' },
    points: { type: 'string', default: '50' },
    workers: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '7' },
    child: { type: 'string' },
  },
});

const graph = networks[flags.network]?.();
if (graph === undefined || graph === null) {
  console.error(`no network "${flags.network}" here: ${Object.keys(networks).join(', ')}`);
  process.exit(1);
}
const inputs = { [graph.inputs[0]]: inputOf(flags.network, graph) };

/** One integral; the seconds and CPU seconds it took, and its numbers. */
async function integrate(model, points) {
  const [started, busy] = [performance.now(), cpuMs()];
  const { attributions } = await attribute(model, 'integrated-gradients', {
    inputs,
    target: 0,
    steps: points,
    quadrature: 'midpoint',
  });
  const numbers = Object.values(attributions)[0].data;
  return { seconds: (performance.now() - started) / 1000, cpu: (cpuMs() - busy) / 1000, numbers };
}

if (flags.child !== undefined) {
  const model = graphModel(graph, wasmEngine);
  const { cpu } = await integrate(model, Number(flags.child));
  console.log(JSON.stringify({ cpu, bytes: process.resourceUsage().maxRSS * 1024 }));
} else {
  console.log(
    `${flags.network}, ${cpus()[0]?.model}, Node ${process.versions.node}, load ${loadavg()[0].toFixed(1)}\n`,
  );
  if (flags.counts !== '') memoryTable(flags.counts.split(',').map(Number));
  await workersTable(Number(flags.points), Number(flags.workers), Number(flags.rounds));
}

function memoryTable(counts) {
  console.log('| points | largest resident size, MB | CPU seconds |\n| --- | --- | --- |');
  for (const count of counts) {
    const script = import.meta.filename;
    const child = execFileSync(process.execPath, [script, '--network', flags.network, '--child', String(count)]);
    const { cpu, bytes } = JSON.parse(child);
    console.log(`| ${count} | ${(bytes / 2 ** 20).toFixed(0)} | ${cpu.toFixed(1)} |`);
  }
}

async function workersTable(points, workers, rounds) {
  const models = [1, workers].map((count) => graphModel(graph, wasmEngine, { workers: count }));
  const seconds = [[], []];
  const shares = [[], []];
  const first = [];
  for (const model of models) first.push((await integrate(model, 16)).numbers);
  if (first[0].some((value, i) => !Object.is(value, first[1][i]))) throw new Error('the workers gave other numbers');
  for (let round = 0; round < rounds; round++) {
    for (const [i, model] of models.entries()) {
      const result = await integrate(model, points);
      seconds[i].push(result.seconds);
      shares[i].push(result.cpu / result.seconds);
    }
  }
  for (const model of models) model.dispose();
  const ratio = median(seconds[0].map((one, round) => one / seconds[1][round]));
  console.log('\n| threads | seconds, least | median | cores it got, median |\n| --- | --- | --- | --- |');
  for (const [i, count] of [1, workers].entries()) {
    const [least, middle] = [Math.min(...seconds[i]), median(seconds[i])];
    console.log(`| ${count} | ${least.toFixed(2)} | ${middle.toFixed(2)} | ${median(shares[i]).toFixed(2)} |`);
  }
  console.log(
    `\n${points} points: ${workers} workers are ${(Math.min(...seconds[0]) / Math.min(...seconds[1])).toFixed(2)} times ` +
      `as fast by the least times, ${ratio.toFixed(2)} by the median of the rounds' ratios.`,
  );
}
