// Feeds mutated files to the readers: node tools/fuzz.mjs [--cases 100000] [--seed 1] [--format onnx] [--case N] [--jobs 2]
// Needs the build. Every case must end within 2 s, in a process of at most 256 MiB, with a result or an error that has
// a code. Prints a table and how to repeat what failed; exits 1 when anything did.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import ts from 'typescript';
import { root } from './run.mjs';

const CASE_MS = 2000;
const MAX_RSS_KIB = 256 * 1024;
/** Cases a process runs before a fresh one takes over. */
const CHUNK = 1000;
const FORMATS = ['onnx', 'tfjs', 'npy', 'npz', 'png', 'jpg', 'csv', 'json'];

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    format: { type: 'string' },
    case: { type: 'string' },
    jobs: { type: 'string', default: '2' },
  },
});
const seed = Number(values.seed);
const formats = FORMATS.filter((format) => values.format === undefined || values.format === format);
if (formats.length === 0) throw new Error(`no format "${values.format}"; there are ${FORMATS.join(', ')}`);

const fuzz = resolve(root, 'packages/pathwise/test/fuzz');
const compiled = resolve(root, 'packages/pathwise/node_modules/.cache/fuzz');
compile();

const tallies = new Map(
  formats.map((format) => [format, { cases: 0, results: 0, errors: {}, ms: 0, slowest: 0, rss: 0, faults: [] }]),
);
const share = Math.ceil(Number(values.cases) / formats.length);
const jobs = [];
for (const format of formats) {
  if (values.case !== undefined) jobs.push({ format, from: Number(values.case), to: Number(values.case) + 1 });
  else for (let from = 0; from < share; from += CHUNK) jobs.push({ format, from, to: Math.min(share, from + CHUNK) });
}
const started = Date.now();
await Promise.all(
  Array.from({ length: Number(values.jobs) }, async () => {
    for (let job = jobs.shift(); job !== undefined; job = jobs.shift()) await runJob(job);
  }),
);
report();

/** Runs a range; after a case that stopped its process a fresh process goes on behind it. */
async function runJob({ format, from, to }) {
  const tally = tallies.get(format);
  for (let next = from; next < to;) {
    const { reached, failure } = await runProcess(format, next, to, tally);
    if (failure === null) return;
    // A busy machine can look like a hang: it counts when it happens to the case by itself too.
    const alone = failure === 'hang' ? await runProcess(format, reached, reached + 1, tally) : { failure };
    if (alone.failure !== null) {
      tally.cases++;
      tally.faults.push({ index: reached, what: alone.failure });
    }
    next = reached + 1;
  }
}

function runProcess(format, from, to, tally) {
  return new Promise((done) => {
    const child = spawn(
      process.execPath,
      [
        '--expose-gc',
        '--max-old-space-size=160',
        '--max-semi-space-size=4',
        resolve(fuzz, 'child.mjs'),
        compiled,
        JSON.stringify({ format, seed, from, to }),
      ],
      { stdio: ['ignore', 'ignore', 'pipe', 'pipe'] },
    );
    let reached = from;
    let failure = null;
    let stderr = '';
    let timer = setTimeout(() => stop('hang'), 15_000);
    const stop = (why) => {
      failure ??= why;
      child.kill('SIGKILL');
    };
    child.stderr.on('data', (text) => (stderr = (stderr + text).slice(-2000)));
    createInterface({ input: child.stdio[3] }).on('line', (line) => {
      clearTimeout(timer);
      if (line.startsWith('start ')) {
        reached = Number(line.slice(6));
        timer = setTimeout(() => stop('hang'), CASE_MS);
        return;
      }
      const { index, outcome, milliseconds, rss } = JSON.parse(line.slice(4));
      reached = index;
      count(tally, index, outcome, milliseconds, rss);
      if (rss > MAX_RSS_KIB) stop(`memory: ${Math.round(rss / 1024)} MiB`);
      else timer = setTimeout(() => stop('hang'), 15_000);
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (failure === null && code !== 0)
        failure = `crash (${signal ?? `exit ${code}`}): ${stderr.trim().split('\n').slice(-6).join(' | ')}`;
      done({ reached, failure });
    });
  });
}

function count(tally, index, outcome, milliseconds, rss) {
  tally.cases++;
  if (milliseconds > tally.ms) [tally.ms, tally.slowest] = [milliseconds, index];
  tally.rss = Math.max(tally.rss, rss);
  if (outcome.kind === 'result') tally.results++;
  else if (outcome.kind === 'error') tally.errors[outcome.code] = (tally.errors[outcome.code] ?? 0) + 1;
  else tally.faults.push({ index, what: outcome.message });
}

function report() {
  console.log(
    `format   cases  results  worst ms  (of case)  worst MiB  faults  errors by code   (seed ${seed}, ${Math.round((Date.now() - started) / 1000)} s)`,
  );
  let faults = 0;
  for (const [format, tally] of tallies) {
    faults += tally.faults.length;
    const errors = Object.entries(tally.errors)
      .map(([code, n]) => `${code} ${n}`)
      .join(', ');
    console.log(
      [
        format.padEnd(6),
        String(tally.cases).padStart(7),
        String(tally.results).padStart(8),
        tally.ms.toFixed(0).padStart(9),
        `(${tally.slowest})`.padStart(10),
        (tally.rss / 1024).toFixed(0).padStart(10),
        String(tally.faults.length).padStart(7),
        ` ${errors}`,
      ].join(' '),
    );
  }
  for (const [format, tally] of tallies) {
    for (const { index, what } of tally.faults.slice(0, 5)) {
      console.log(`\nnode tools/fuzz.mjs --format ${format} --seed ${seed} --case ${index}\n${what}`);
    }
  }
  process.exitCode = faults === 0 ? 0 : 1;
}

/** The cases are TypeScript, shared with the unit test; Node 20 cannot run that by itself. */
function compile() {
  mkdirSync(compiled, { recursive: true });
  writeFileSync(resolve(compiled, 'package.json'), '{ "type": "module" }\n');
  for (const name of ['mutate', 'mutate-json', 'repair-png', 'tfjs-seeds', 'cases', 'targets']) {
    const { outputText } = ts.transpileModule(readFileSync(resolve(fuzz, `${name}.ts`), 'utf8'), {
      compilerOptions: {
        module: ts.ModuleKind.ESNext,
        target: ts.ScriptTarget.ES2022,
        rewriteRelativeImportExtensions: true,
        verbatimModuleSyntax: true,
      },
    });
    writeFileSync(resolve(compiled, `${name}.js`), outputText);
  }
}
