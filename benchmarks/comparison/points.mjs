import { inputOf } from '../networks/input-of.mjs';
import { difference, median, table } from './statistics.mjs';
import { taskOf } from './task.mjs';

/** A system that took longer than this for one round is given fewer. */
const LONG_SECONDS = 60;
const LONG_ROUNDS = 3;

/**
 * (b) Integrated Gradients with a fixed number of points: every system on every network, interleaved round by round.
 * Ratios are to the first system that ran.
 */
export async function comparePoints({ names, networkOf, systems, points, rounds, log }) {
  const results = [];
  for (const name of names) {
    const graph = await networkOf(name);
    if (graph === undefined || graph === null) {
      log(`skipped: ${name} (${graph === null ? 'its file is not there' : 'no network of that name'})`);
      continue;
    }
    const task = taskOf(name, graph, inputOf(name, graph));
    const { open, failed } = await openAll(task, systems, log);
    for (let round = 0; round < rounds; round++) {
      for (const entry of open) {
        if (round >= LONG_ROUNDS && median(entry.seconds) > LONG_SECONDS) continue;
        await measure(entry, points);
        log(`${name}: round ${round + 1}, ${entry.system.label}: ${entry.seconds.at(-1).toFixed(3)} s`);
      }
    }
    const [first] = open;
    for (const { system, session, seconds, cpu, data } of open) {
      results.push({
        network: name,
        system: system.id,
        label: system.label,
        note: session.note ?? '',
        seconds: median(seconds),
        fastest: Math.min(...seconds),
        slowest: Math.max(...seconds),
        cpuSeconds: median(cpu),
        rounds: seconds.length,
        ratioOfFirst: median(first.seconds) / median(seconds),
        difference: difference(data, first.data),
      });
      await session.close();
    }
    for (const { system, reason } of failed) {
      results.push({ network: name, system: system.id, label: system.label, failed: reason });
    }
  }
  return results;
}

async function openAll(task, systems, log) {
  const open = [];
  const failed = [];
  for (const system of systems) {
    try {
      const session = await system.open(task);
      // Compiles what is compiled late, and shows what cannot be run.
      await session.run(2);
      open.push({ system, session, seconds: [], cpu: [], data: null });
    } catch (error) {
      const reason = (error instanceof Error ? error.message : String(error)).split('\n')[0];
      log(`${task.name}: ${system.label} cannot: ${reason}`);
      failed.push({ system, reason });
    }
  }
  return { open, failed };
}

async function measure(entry, points) {
  const otherBefore = entry.session.otherCpu?.() ?? 0;
  const before = cpuSeconds();
  const started = performance.now();
  entry.data = await entry.session.run(points);
  entry.seconds.push((performance.now() - started) / 1000);
  entry.cpu.push(cpuSeconds() - before + (entry.session.otherCpu?.() ?? 0) - otherBefore);
}

/** Of this process; unknown in a browser. */
function cpuSeconds() {
  if (typeof process === 'undefined') return Number.NaN;
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** One line a system, grouped by network. */
export function pointsTable(results) {
  return table(
    ['network', 'system', 'median, s', 'range, s', 'CPU, s', 'first system / this', 'difference', 'note'],
    results.map((r) =>
      r.failed === undefined
        ? [
            r.network,
            r.label,
            r.seconds.toFixed(3),
            `${r.fastest.toFixed(3)}–${r.slowest.toFixed(3)}`,
            Number.isFinite(r.cpuSeconds) ? r.cpuSeconds.toFixed(3) : '–',
            r.ratioOfFirst.toFixed(3),
            r.difference.toExponential(1),
            [r.note, r.rounds < 7 ? `${r.rounds} rounds` : ''].filter((part) => part !== '').join(', '),
          ]
        : [r.network, r.label, '–', '–', '–', '–', '–', `cannot: ${r.failed.slice(0, 120)}`],
    ),
  );
}
