// Makes docs/generated/comparison.md of results that run.mjs and chromium.mjs wrote:
//   node benchmarks/comparison/page.mjs RESULTS.json …
import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { memoryTable } from './memory.mjs';
import { pointsTable } from './points.mjs';
import { sizesTable } from './sizes.mjs';
import { tolerancesTable } from './tolerances.mjs';

const PARTS = {
  points: ['Integrated Gradients, 50 points', pointsTable],
  tolerance: ['Integrated Gradients to a tolerance', tolerancesTable],
  memory: ['Memory and the number of points', memoryTable],
  size: ['Time, image size and depth', sizesTable],
};

const reports = process.argv.slice(2).map((path) => JSON.parse(readFileSync(path, 'utf8')));
if (reports.length === 0) {
  console.error('node benchmarks/comparison/page.mjs RESULTS.json …');
  process.exit(2);
}
const sections = reports.map((report) => {
  const tables = Object.entries(PARTS)
    .filter(([part]) => report[part] !== undefined)
    .map(([part, [title, toTable]]) => `### ${title}\n\n${toTable(report[part])}`);
  return `## ${host(report.machine)}\n\n${tables.join('\n\n')}`;
});
const page = `# Comparison with other systems

Measured by \`node benchmarks/comparison/run.mjs\` and \`chromium.mjs\` ([what is compared](../../benchmarks/README.md)), put
together by \`page.mjs\`. Each system on one thread unless it says otherwise; medians of interleaved rounds. The column
"first system / this" is above 1 where a system is faster than the first one of its table. Compare within a table only.

${sections.join('\n\n')}
`;
writeFileSync(resolve(import.meta.dirname, '../../docs/generated/comparison.md'), page);
console.log(page);

function host({ cpu, cores, memoryGB, node, browser, date }) {
  const where = browser === undefined ? `Node ${node}` : `Chromium ${browser}`;
  return `${where}, ${cpu}, ${cores} cores, ${memoryGB} GB, ${date.slice(0, 10)}`;
}
