// Measures what docs/integrated-gradients.md claims of the stated error, on real networks:
//   node benchmarks/quadrature/run.mjs [--panels 2048] [--networks a,b] [--write]
// The truth is the composite trapezoid rule with --panels panels. Prints a Markdown table; --write also stores it in
// docs/generated/quadrature.md.
import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { networks } from './cases.mjs';
import { markdown } from './table.mjs';

const TOLERANCES = [0.2, 0.1, 0.05, 0.02, 0.01];
const FIXED = ['midpoint', 'gauss-legendre'];
const FIXED_STEPS = 50;

const { values: flags } = parseArgs({
  options: {
    panels: { type: 'string', default: '2048' },
    networks: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});
const only = flags.networks?.split(',');
const panels = Number(flags.panels);

const l1 = (a) => a.reduce((sum, v) => sum + Math.abs(v), 0);
const distance = (a, b) => a.reduce((sum, v, i) => sum + Math.abs(v - b[i]), 0);
const all = (attribution) => Object.values(attribution.attributions).flatMap((t) => Array.from(t.data));

async function measure({ explain, input, baseline, target, ranges }) {
  const base = { method: 'integrated-gradients', baseline, target, ...(ranges && { ranges }) };
  const truth = all(await explain(input, { ...base, quadrature: 'trapezoid', steps: panels }));
  const size = l1(truth);
  const errorOf = (attribution) => (size === 0 ? l1(all(attribution)) : distance(all(attribution), truth) / size);
  const stops = [];
  for (const tolerance of TOLERANCES) {
    const result = await explain(input, { ...base, tolerance });
    stops.push({
      tolerance,
      evaluations: result.evaluations.gradient,
      stated: result.error[0],
      met: result.errorMet[0],
      true: errorOf(result),
      relativeDelta: Math.abs(result.relativeDelta[0] ?? 0),
      cancellation: result.cancellation[0],
    });
  }
  const fixed = {};
  for (const quadrature of FIXED) {
    const result = await explain(input, { ...base, quadrature, steps: FIXED_STEPS });
    fixed[quadrature] = { true: errorOf(result), relativeDelta: Math.abs(result.relativeDelta[0] ?? 0) };
  }
  const barred = await explain(input, { ...base, tolerance: 0.02, standardErrors: true });
  const bars = Object.values(barred.standardErrors).flatMap((t) => Array.from(t.data));
  const values = all(barred);
  const within = values.filter((v, i) => Math.abs(v - truth[i]) <= 2 * bars[i] + 1e-9 * size).length / values.length;
  return { stops, fixed, bars: { within, evaluations: barred.evaluations.gradient } };
}

const results = [];
for await (const { network, features, cases } of networks()) {
  if (only && !only.includes(network)) continue;
  const started = Date.now();
  const measured = [];
  for (const [i, one] of cases.entries()) {
    measured.push({ name: one.name, ...(await measure(one)) });
    process.stderr.write(`\r${network}: ${i + 1} of ${cases.length} `);
  }
  process.stderr.write(`in ${((Date.now() - started) / 1000).toFixed(0)} s\n`);
  results.push({ network, features, cases: measured });
}

const page = markdown(results, {
  tolerances: TOLERANCES,
  panels,
  fixedSteps: FIXED_STEPS,
  command: `node benchmarks/quadrature/run.mjs --panels ${panels} --write`,
});
console.log(page);
if (flags.write) writeFileSync(resolve(import.meta.dirname, '../../docs/generated/quadrature.md'), page);
