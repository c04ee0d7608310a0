import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

const here = import.meta.dirname;

export function nodeHost() {
  return report(`Node ${process.version}`, process.execPath, ['script.mjs']);
}

export function denoHost() {
  return installed('deno', (deno) =>
    report(firstLine(deno), deno, ['run', '--no-lock', '--allow-read=..', 'script.mjs']),
  );
}

export function bunHost() {
  return installed('bun', (bun) => report(`bun ${firstLine(bun)}`, bun, ['script.mjs']));
}

function report(host, program, args) {
  return { host, ...JSON.parse(execFileSync(program, args, { cwd: here, timeout: 120_000 }).toString()) };
}

function firstLine(program) {
  return execFileSync(program, ['--version'], { timeout: 60_000 }).toString().split('\n')[0];
}

/** The program of a package whose binary exists for this machine; otherwise why the host is skipped. */
export function installed(name, then) {
  const path = `${here}/node_modules/.bin/${name}`;
  if (!existsSync(path)) return { skipped: `npm has no ${name} for this machine` };
  return then(path);
}
