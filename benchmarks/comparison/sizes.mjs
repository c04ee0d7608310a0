import { inputOf } from '../networks/all.mjs';
import { resnet } from '../networks/resnet.mjs';
import { median, table } from './statistics.mjs';
import { taskOf } from './task.mjs';

const VARIANTS = [
  ...[64, 96, 128, 160, 192, 224].map((size) => ({ depth: 18, size })),
  ...[10, 34].map((depth) => ({ depth, size: 128 })),
];

/** Two tiles of our engine; a time a point needs no more. */
const POINTS = 16;

/** Systems that go through all variants in minutes. */
const SYSTEMS = ['wasm', 'ort-web', 'ort-node', 'torch'];

/** (e) A residual network of several image sizes and depths. */
export async function compareSizes({ systems, rounds, log }) {
  const results = [];
  for (const { depth, size } of VARIANTS) {
    const graph = resnet({ depth, size });
    const task = taskOf(`resnet-${depth}`, graph, inputOf('resnet', graph));
    const open = [];
    for (const system of systems.filter(({ id }) => SYSTEMS.includes(id))) {
      try {
        const session = await system.open(task);
        await session.run(2);
        open.push({ system, session, seconds: [] });
      } catch {
        // Said where the systems are compared point for point.
      }
    }
    for (let round = 0; round < rounds; round++) {
      for (const { session, seconds } of open) {
        const started = performance.now();
        await session.run(POINTS);
        seconds.push((performance.now() - started) / 1000);
      }
    }
    for (const { system, session, seconds } of open) {
      results.push({ depth, size, system: system.id, label: system.label, points: POINTS, seconds: median(seconds) });
      log(`resnet-${depth} at ${size}: ${system.label} ${median(seconds).toFixed(3)} s`);
      await session.close();
    }
  }
  return results;
}

export function sizesTable(results) {
  return table(
    ['network', 'image', 'system', 'median, s', 'ms a point', 'ns a point and pixel'],
    results.map(({ depth, size, label, points, seconds }) => [
      `resnet-${depth}`,
      `${size}×${size}`,
      label,
      seconds.toFixed(3),
      ((1000 * seconds) / points).toFixed(2),
      ((1e9 * seconds) / points / size ** 2).toFixed(0),
    ]),
  );
}
