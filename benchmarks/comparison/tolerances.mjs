import { inputOf, networks } from '../networks/all.mjs';
import { median, table } from './statistics.mjs';
import { taskOf } from './task.mjs';

const TOLERANCES = [0.05, 0.01];

/** Our engines; the gradient graph alone and the other systems cannot be asked for a tolerance. */
const SYSTEMS = ['wasm', 'wasm-2', 'ort-node-engine'];

/** No further rounds after so long, once there are three. */
const MOST_SECONDS = 120;
const FEWEST_ROUNDS = 3;

/** (c) What our engines need until the stated error is below a tolerance. */
export async function compareTolerances({ names, systems, rounds, log }) {
  const results = [];
  for (const name of names) {
    const graph = networks[name]?.() ?? null;
    if (graph === null) continue;
    const task = taskOf(name, graph, inputOf(name, graph));
    for (const system of systems.filter(({ id }) => SYSTEMS.includes(id))) {
      const session = await opened(system, task);
      if (session === null) continue;
      for (const tolerance of TOLERANCES) {
        await session.run(2);
        const seconds = [];
        let result;
        for (let round = 0; round < rounds; round++) {
          if (round >= FEWEST_ROUNDS && seconds.reduce((sum, s) => sum + s, 0) > MOST_SECONDS) break;
          const started = performance.now();
          result = await session.reach(tolerance);
          seconds.push((performance.now() - started) / 1000);
        }
        const { error, errorMet, relativeDelta, evaluations } = result;
        results.push({
          network: name,
          system: system.id,
          label: system.label,
          tolerance,
          seconds: median(seconds),
          rounds: seconds.length,
          gradients: evaluations.gradient,
          error: error[0],
          errorMet: errorMet[0],
          relativeDelta: relativeDelta[0],
        });
        log(
          `${name}: ${system.label} to ${tolerance}: ${median(seconds).toFixed(3)} s, ${evaluations.gradient} gradients`,
        );
      }
      await session.close();
    }
  }
  return results;
}

/** A session; null for a system that cannot run the network, as is said where they are compared point for point. */
async function opened(system, task) {
  try {
    return await system.open(task);
  } catch {
    return null;
  }
}

export function tolerancesTable(results) {
  return table(
    ['network', 'system', 'tolerance', 'median, s', 'gradients', 'stated error', 'met', 'convergence delta'],
    results.map((r) => [
      r.network,
      r.label,
      `${100 * r.tolerance} %`,
      r.seconds.toFixed(3),
      r.gradients,
      r.error === null ? '–' : `${(100 * r.error).toFixed(2)} %`,
      r.errorMet ? 'yes' : 'no',
      r.relativeDelta === null ? '–' : `${(100 * r.relativeDelta).toFixed(2)} %`,
    ]),
  );
}
