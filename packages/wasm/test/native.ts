import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { tmpdir } from 'node:os';

/** A plan with the inputs of some rows. */
export interface NativeCase {
  readonly plan: Uint8Array;
  readonly rows: number;
  /** Input after input, each [rows, size]. */
  readonly inputs: Float32Array;
  readonly outputFloats: number;
}

const FLAGS = [
  '-std=c17',
  '-g',
  '-O1',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-Wno-psabi',
  '-ffp-contract=off',
  '-fno-math-errno',
];
const SANITIZERS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

/** Whether this machine has a C compiler with the sanitizers. */
export function hasCompiler(): boolean {
  try {
    const probe = join(tmpdir(), `pathwise-probe-${process.pid}`);
    writeFileSync(`${probe}.c`, 'int main(void) { return 0; }\n');
    execFileSync('cc', [...SANITIZERS, `${probe}.c`, '-o', probe], { stdio: 'ignore' });
    execFileSync(probe, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Compiles the core natively under the sanitizers; returns the path of the program. */
export function compileNative(folder: string): string {
  const program = join(folder, 'cases');
  const source = resolve(import.meta.dirname, '../native/test/cases.c');
  execFileSync('cc', [...FLAGS, ...SANITIZERS, source, '-o', program, '-lm'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return program;
}

/** Evaluates cases natively, or jobs on their plans; what that gives, one after the other. */
export function runNative(
  program: string,
  folder: string,
  cases: readonly NativeCase[],
  what: 'run' | 'jobs' = 'run',
): ArrayBuffer {
  const output = join(folder, 'outputs.bin');
  execFileSync(program, [what, writeCases(folder, cases), output]);
  return new Uint8Array(readFileSync(output)).buffer;
}

/** Changes each case's plan `count` times; returns how many then ran, how many were refused, and on how many jobs ran. */
export function mutateNative(
  program: string,
  folder: string,
  cases: readonly NativeCase[],
  count: number,
): { ran: number; refused: number; jobs: number } {
  const text = execFileSync(program, ['mutate', writeCases(folder, cases), String(count), '12345'], {
    encoding: 'utf8',
  });
  const [ran, refused, jobs] = text.trim().split(' ').map(Number) as [number, number, number];
  return { ran, refused, jobs };
}

function writeCases(folder: string, cases: readonly NativeCase[]): string {
  const file = join(folder, 'cases.bin');
  const parts: Uint8Array[] = [bytesOf(Uint32Array.of(cases.length))];
  for (const { plan, rows, inputs, outputFloats } of cases) {
    parts.push(bytesOf(Uint32Array.of(plan.length, rows, inputs.length, outputFloats)), plan, bytesOf(inputs));
  }
  writeFileSync(file, Buffer.concat(parts));
  return file;
}

function bytesOf(array: Uint32Array | Float32Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
