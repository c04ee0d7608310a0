import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { table } from './statistics.mjs';

const POINTS = [50, 200, 800, 2000];
/** The first of these that is among the networks asked for. */
const NETWORKS = ['googlenet', 'resnet-18', 'squeezenet-1.0', 'mlp'];

/** (d) Peak memory of a process of its own for each number of points, on our WebAssembly engine. */
export async function compareMemory({ names, log }) {
  const name = NETWORKS.find((network) => names.includes(network)) ?? names[0];
  return POINTS.flatMap((points) => {
    const script = join(import.meta.dirname, 'memory-child.mjs');
    const child = spawnSync(process.execPath, [script, name, String(points)], { encoding: 'utf8' });
    if (child.status !== 0) {
      log(`${name}, ${points} points: ${child.stderr.trim().split('\n').at(-1)}`);
      return [];
    }
    const result = { network: name, points, ...JSON.parse(child.stdout) };
    log(`${name}, ${points} points: ${result.peakMB} MB, ${result.seconds.toFixed(1)} s`);
    return [result];
  });
}

export function memoryTable(results) {
  return table(
    ['network', 'points', 'peak resident memory, MB', 'over that before the path, MB', 's'],
    results.map((r) => [r.network, r.points, r.peakMB, r.peakMB - r.beforeMB, r.seconds.toFixed(1)]),
  );
}
