import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildCore } from '../tools/build.mjs';
import { contents } from './conformance.mjs';
import { installed } from './scripts.mjs';

const here = import.meta.dirname;

/**
 * wasmtime, by way of wizer, which runs an export inside of it and writes the module with its memory as it then is; the
 * snapshot is opened here only to read the result. It can give the module no file, so a core is built around the cases.
 */
export function wasmtimeHost() {
  return installed('wizer-linux-x64', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pathwise-wasmtime-'));
    try {
      const path = join(folder, 'core.wasm');
      const file = readFileSync(`${here}/conformance.bin`);
      const { cases, table } = tableOf(file);
      writeFileSync(path, await coreAround(file, table));
      const snapshot = join(folder, 'snapshot.wasm');
      const wizer = `${here}/node_modules/@bytecodealliance/wizer-linux-x64/wizer`;
      execFileSync(wizer, ['--init-func', 'conformance', path, '-o', snapshot], { timeout: 60_000, stdio: 'pipe' });
      const [ran, differing, error] = resultIn(readFileSync(snapshot));
      const failures = [];
      if (error !== 0) failures.push(`case ${ran} gave the error ${error}`);
      else if (ran !== cases) failures.push(`${ran} of ${cases} cases ran`);
      if (differing > 0) failures.push(`${differing} values differ`);
      return { host: 'wasmtime (in wizer)', checks: cases, cases, failures };
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

function tableOf(file) {
  const { rows, start, cases, job } = contents(file);
  const lines = cases.map(({ plan, inputs, outputs }) => {
    return `  {${start + plan[0]}, ${plan[1]}, ${start + inputs[0]}, ${start + outputs[0]}},`;
  });
  const [[from, to], [seed]] = job.inputs;
  const lists = job.weights[1] / job.alphas[1];
  const numbers = [start + job.plan[0], job.plan[1], start + from[0], start + to[0], start + seed[0]];
  numbers.push(job.alphas[1] / 8, lists, start + job.alphas[0], start + job.weights[0], start + job.values[0]);
  numbers.push(start + job.sums[0], job.sums[1] / 8);
  const table = [
    `#define CASE_ROWS ${rows}u`,
    `static const Case cases[] = {\n${lines.join('\n')}\n};`,
    `static const PathJob path_job = {${numbers.join(', ')}};`,
    '',
  ].join('\n');
  // The job runs in slices of one, seven and all points.
  return { cases: cases.length + 3, table };
}

function coreAround(file, table) {
  const files = {
    'wasmtime.c': readFileSync(`${here}/wasmtime.c`),
    'conformance.h': table,
    'conformance.bin': new Uint8Array(file),
  };
  return buildCore({ main: 'wasmtime.c', files, exports: ['conformance', 'conformance_result'] });
}

function resultIn(snapshot) {
  const { memory, conformance_result } = new WebAssembly.Instance(new WebAssembly.Module(snapshot)).exports;
  return new Int32Array(memory.buffer, conformance_result() >>> 0, 3);
}
