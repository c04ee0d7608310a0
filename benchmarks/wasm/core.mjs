// The core as benchmarks use it: plans loaded side by side, their steps run one by one, and the peak of the machine.
import { resolve } from 'node:path';
import { compileModule } from '../../packages/wasm/tools/build.mjs';

/** Words of a plan's header (native/plan.c) that say which steps there are, and how many inputs and outputs. */
const HEADER = { steps: 7, stepWords: 8, stepCount: 9, inputs: 11, outputs: 12 };
const ROWS = 8;

/** CPU time of this process in milliseconds: what other processes take from a busy machine is not in it. */
export function cpuMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** A plan in an instance of the core. Its steps can be timed by themselves, as the core reads the plan in place. */
export class LoadedPlan {
  constructor(module, bytes) {
    this.core = new WebAssembly.Instance(module).exports;
    this.at = this.core.pw_alloc(bytes.length);
    new Uint8Array(this.core.memory.buffer).set(bytes, this.at);
    this.handle = this.core.pw_plan_load(this.at, bytes.length);
    if (this.handle < 0) throw new Error(`the plan was refused: ${this.#error()}`);
    this.header = new Int32Array(bytes.slice(0, 64).buffer);
    const words = new Int32Array(bytes.slice(this.header[HEADER.steps]).buffer, 0, this.header[HEADER.stepWords]);
    this.steps = [];
    for (let at = 0; at < words.length; at += 2 + words[at + 1]) {
      this.steps.push({ op: words[at], words: words.slice(at + 2, at + 2 + words[at + 1]), at });
    }
  }

  #error() {
    const bytes = new Uint8Array(this.core.memory.buffer, this.core.pw_last_error());
    return String.fromCharCode(...bytes.subarray(0, bytes.indexOf(0)));
  }

  #forward(inputs, outputs) {
    if (this.core.pw_forward(this.handle, ROWS, inputs, outputs) < 0) throw new Error(this.#error());
  }

  /** Evaluates a tile of inputs drawn by `value`, so that all of memory holds sound numbers. */
  fill(value) {
    const floats = (what, count) => {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += this.core.pw_plan_info(this.handle, what, i);
      return ROWS * sum;
    };
    const [count, results] = [floats(5, this.header[HEADER.inputs]), floats(6, this.header[HEADER.outputs])];
    this.inputs = this.core.pw_alloc(4 * count);
    const to = this.core.pw_alloc(4 * results);
    const data = new Float32Array(this.core.memory.buffer, this.inputs, count);
    for (let i = 0; i < data.length; i++) data[i] = value();
    this.#forward(this.inputs, to);
    const sum = new Float32Array(this.core.memory.buffer, to, results).reduce((total, x) => total + x, 0);
    if (!Number.isFinite(sum)) throw new Error('the plan gave numbers that are not finite');
    this.core.pw_free(to);
  }

  /** Puts the inputs in again: other tensors may have taken their memory. Without them the steps compute with garbage. */
  feed() {
    this.#patched({ stepWords: 0, stepCount: 0, outputs: 0 }, this.inputs);
  }

  /** Milliseconds of all steps together, without putting rows in and out. */
  run() {
    this.feed();
    return this.#patched({ inputs: 0, outputs: 0 }, 0);
  }

  /** Milliseconds of one step. */
  runStep(i) {
    const { at, words } = this.steps[i];
    const steps = this.header[HEADER.steps] + 4 * at;
    return this.#patched({ steps, stepWords: words.length + 2, stepCount: 1, inputs: 0, outputs: 0 }, 0);
  }

  #patched(changes, inputs) {
    const header = new Int32Array(this.core.memory.buffer, this.at, 16);
    for (const [name, value] of Object.entries(changes)) header[HEADER[name]] = value;
    const started = cpuMs();
    this.#forward(inputs, 0);
    const took = cpuMs() - started;
    header.set(this.header);
    return took;
  }
}

/** Measures the peak of one thread in this process: GFLOP/s with everything in registers. */
export async function peakMeter() {
  const names = ['peak_chains', 'peak_products'];
  const bytes = await compileModule(resolve(import.meta.dirname, 'native'), 'peak.c', names);
  const kernels = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
  const rate = (name, operations, turns) => {
    const started = cpuMs();
    kernels[name](turns, 0.999, 0.001);
    return (turns * operations) / (cpuMs() - started) / 1e6;
  };
  const measure = (turns) => Math.max(rate('peak_chains', 2 * 4 * 12, turns), rate('peak_products', 2 * 4 * 8, turns));
  // Hosts compile in two tiers; the second one comes after a while.
  for (let i = 0; i < 20; i++) measure(200_000);
  return () => Math.max(measure(50_000), measure(50_000));
}

export function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Numbers from [-1, 1), the same for the same seed. */
export function drawFrom(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}
