// What the core must do in every host: the cases and the path job of conformance.bin bit for bit, every error code, its
// memory limit.
// Plain JavaScript on the C interface (native/pathwise.h), without a file system, so that it runs anywhere.

const FEATURE_RELAXED = 2;
const LANES = 8;
const BAD_ARGUMENT = -1;
const BAD_FILE = -2;
const BAD_VERSION = -3;
const NO_MEMORY = -4;
const BAD_INDEX = -5;
/** Relaxed SIMD may fuse: its results may differ by this much of the largest value. */
const RELAXED_TOLERANCE = 1e-5;

/**
 * Runs everything on a compiled core.
 * @param {WebAssembly.Module} module
 * @param {Uint8Array} file bytes of conformance.bin
 * @returns {{ checks: number, cases: number, differing: number, failures: string[], relaxed: boolean, memoryBytes: number }}
 */
export function runConformance(module, file) {
  const report = { checks: 0, cases: 0, differing: 0, failures: [], relaxed: false, memoryBytes: 0 };
  const check = (name, actual, expected) => {
    report.checks++;
    if (actual !== expected) report.failures.push(`${name}: expected ${expected}, got ${actual}`);
  };
  check('imports of the module', WebAssembly.Module.imports(module).length, 0);
  const core = new Core(module);
  check('interface version', core.call('pw_abi_version'), 1);
  report.relaxed = (core.call('pw_features') & FEATURE_RELAXED) !== 0;
  checkSelfTest(core, check);
  const { rows, cases, job } = parse(file);
  for (const one of cases) {
    for (const slice of [LANES, 1]) {
      const outputs = core.run(one, rows, slice);
      const differing = countDifferent(outputs, one.outputs, report.relaxed);
      report.differing += differing;
      check(`${one.name}, ${slice} rows at a time: values that differ`, differing, 0);
    }
    report.cases++;
  }
  checkJob(module, job, report, check);
  checkErrors(module, cases, check);
  checkMemoryLimit(module, cases, rows, check);
  report.memoryBytes = core.memoryBytes;
  return report;
}

class Core {
  constructor(module) {
    this.exports = new WebAssembly.Instance(module).exports;
  }

  get memoryBytes() {
    return this.exports.memory.buffer.byteLength;
  }

  call(name, ...args) {
    return this.exports[name](...args);
  }

  put(bytes) {
    const at = this.call('pw_alloc', bytes.byteLength) >>> 0;
    if (at !== 0) new Uint8Array(this.exports.memory.buffer).set(bytes, at);
    return at;
  }

  lastError() {
    const bytes = new Uint8Array(this.exports.memory.buffer);
    const from = this.call('pw_last_error') >>> 0;
    return new TextDecoder().decode(bytes.slice(from, bytes.indexOf(0, from)));
  }

  /** Outputs of all rows, `slice` rows in a call; output after output, each [rows, size]. */
  run({ name, plan, inputs, outputs }, rows, slice) {
    const planAt = this.put(plan);
    const handle = this.call('pw_plan_load', planAt, plan.byteLength);
    if (handle < 0) throw new Error(`${name}: pw_plan_load gave ${handle}: ${this.lastError()}`);
    const sizes = (count, what) => Array.from({ length: count }, (_, i) => this.call('pw_plan_info', handle, what, i));
    const inputSizes = sizes(this.call('pw_plan_info', handle, 1, 0), 5);
    const outputSizes = sizes(this.call('pw_plan_info', handle, 2, 0), 6);
    const result = new Float32Array(outputs.length);
    for (let from = 0; from < rows; from += slice) {
      const count = Math.min(slice, rows - from);
      const inputsAt = this.put(bytesOf(rowsOf(inputs, inputSizes, rows, from, count)));
      const total = outputSizes.reduce((a, b) => a + b, 0);
      const outputsAt = this.call('pw_alloc', 4 * count * total) >>> 0;
      const status = this.call('pw_forward', handle, count, inputsAt, outputsAt);
      if (status < 0) throw new Error(`${name}: pw_forward gave ${status}: ${this.lastError()}`);
      const values = new Float32Array(this.exports.memory.buffer, outputsAt, count * total);
      let source = 0;
      let target = 0;
      for (const size of outputSizes) {
        result.set(values.subarray(source, source + count * size), target + from * size);
        source += count * size;
        target += rows * size;
      }
      this.call('pw_free', inputsAt);
      this.call('pw_free', outputsAt);
    }
    this.call('pw_plan_free', handle);
    this.call('pw_free', planAt);
    return result;
  }
}

/** The header of the file: cases with the place and length of their parts, counted from `start`. */
export function contents(file) {
  const length = new DataView(file.buffer, file.byteOffset, file.byteLength).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(file.subarray(4, 4 + length)));
  return { ...header, start: Math.ceil((4 + length) / 64) * 64 };
}

function parse(given) {
  // A copy is taken of each part; `slice` of a Node Buffer would not copy.
  const file = new Uint8Array(given.buffer, given.byteOffset, given.byteLength);
  const { rows, start, cases, job } = contents(file);
  const bytes = ([at, size]) => file.slice(start + at, start + at + size);
  const floats = (place) => new Float32Array(bytes(place).buffer);
  return {
    rows,
    job: {
      seed: job.seed,
      plan: bytes(job.plan),
      inputs: job.inputs.map((ends) => ends.map(bytes)),
      ...Object.fromEntries(['alphas', 'weights', 'values', 'sums'].map((name) => [name, bytes(job[name])])),
    },
    cases: cases.map((one) => ({
      name: one.name,
      plan: bytes(one.plan),
      inputs: floats(one.inputs),
      outputs: floats(one.outputs),
    })),
  };
}

/** Rows [from, from + count) of inputs that lie one after the other, each [rows, size]. */
function rowsOf(inputs, sizes, rows, from, count) {
  const out = new Float32Array(count * sizes.reduce((a, b) => a + b, 0));
  let source = 0;
  let target = 0;
  for (const size of sizes) {
    out.set(inputs.subarray(source + from * size, source + (from + count) * size), target);
    source += rows * size;
    target += count * size;
  }
  return out;
}

function bytesOf(floats) {
  return new Uint8Array(floats.buffer, floats.byteOffset, floats.byteLength);
}

function countDifferent(actual, expected, relaxed) {
  const a = new Uint32Array(actual.buffer);
  const b = new Uint32Array(expected.buffer);
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  let differing = 0;
  const words = b.length / expected.length;
  for (let i = 0; i < expected.length; i++) {
    const first = i * words;
    if (a[first] === b[first] && a[first + words - 1] === b[first + words - 1]) continue;
    if (relaxed && Math.abs(actual[i] - expected[i]) <= RELAXED_TOLERANCE * largest) continue;
    differing++;
  }
  return differing;
}

/** The path job in slices of one, seven and all points: F of each and the sums, in float64, bit for bit. */
function checkJob(module, job, report, check) {
  const points = job.alphas.byteLength / 8;
  const expected = new Float64Array([...doublesOf(job.values), ...doublesOf(job.sums)]);
  for (const slice of [1, 7, points]) {
    const core = new Core(module);
    const differing = countDifferent(runJob(core, job, slice), expected, report.relaxed);
    report.differing += differing;
    check(`path job, ${slice} points at a time: values that differ`, differing, 0);
  }
  // As much as the plan takes; then the path has no room.
  const core = new Core(module);
  const before = core.memoryBytes;
  core.call('pw_memory_limit', 1 << 20);
  const handle = core.call('pw_plan_load', core.put(job.plan), job.plan.byteLength);
  for (let size = 1 << 19; size >= 64; size >>= 1) while (core.call('pw_alloc', size) !== 0);
  check('a job beyond the memory limit', core.call('pw_job_new', handle, job.seed, 1), NO_MEMORY);
  check('memory of a job within the limit', core.memoryBytes <= before + (1 << 20) + (1 << 16), true);
}

/** F of each point, then the sums, list after list. */
function runJob(core, { plan, seed, inputs, alphas, weights, values, sums }, slice) {
  const points = alphas.byteLength / 8;
  const lists = weights.byteLength / alphas.byteLength;
  const handle = core.call('pw_plan_load', core.put(plan), plan.byteLength);
  const job = core.call('pw_job_new', handle, seed, lists);
  for (const [input, [from, to]] of inputs.entries()) {
    core.call('pw_job_input', job, 0, input, core.put(from), to === undefined ? 0 : core.put(to));
  }
  core.call('pw_job_begin', job, 0);
  const slots = core.put(new Uint8Array(4 * points));
  const valuesAt = core.call('pw_alloc', values.byteLength) >>> 0;
  core.call('pw_job_points', job, points, slots, core.put(alphas), core.put(weights), valuesAt);
  for (let left = points; left > 0;) {
    const next = core.call('pw_job_step', job, slice);
    if (next !== Math.max(0, left - slice)) throw new Error(`pw_job_step gave ${next}: ${core.lastError()}`);
    left = next;
  }
  const sumsAt = core.call('pw_alloc', sums.byteLength) >>> 0;
  for (let list = 0; list < lists; list++) {
    core.call('pw_job_result', job, 0, list, sumsAt + (list * sums.byteLength) / lists);
  }
  const { buffer } = core.exports.memory;
  return new Float64Array([
    ...new Float64Array(buffer, valuesAt, points),
    ...new Float64Array(buffer, sumsAt, sums.byteLength / 8),
  ]);
}

function doublesOf(bytes) {
  return new Float64Array(bytes.buffer);
}

function checkSelfTest(core, check) {
  core.call('pw_selftest');
  const at = core.call('pw_selftest_result') >>> 0;
  const { buffer } = core.exports.memory;
  check('self-test', new Int32Array(buffer, at, 1)[0], 0);
  check('result of the self-test', [...new Float32Array(buffer, at + 4, 8)].join(), '0,1,3,6,10,15,21,28');
}

function checkErrors(module, cases, check) {
  const core = new Core(module);
  const fails = (name, status, code) => {
    check(`${name}: code`, status, code);
    check(`${name}: has a text`, core.lastError().length > 0, true);
  };
  const load = (change) => {
    const plan = cases[0].plan.slice();
    change(new Int32Array(plan.buffer));
    return core.call('pw_plan_load', core.put(plan), plan.byteLength);
  };
  fails('a plan that is not there', core.call('pw_forward', 9, 1, 64, 64), BAD_ARGUMENT);
  fails('a plan at address 0', core.call('pw_plan_load', 0, 64), BAD_ARGUMENT);
  fails(
    'a plan without its magic',
    load((words) => (words[0] = 0)),
    BAD_FILE,
  );
  fails(
    'a plan cut short',
    load((words) => (words[2] -= 4)),
    BAD_FILE,
  );
  fails(
    'a plan of version 999',
    load((words) => (words[1] = 999)),
    BAD_VERSION,
  );
  const { plan } = cases.find(({ name }) => name === 'indices that are fed');
  const handle = core.call('pw_plan_load', core.put(plan), plan.byteLength);
  const indices = core.put(bytesOf(Float32Array.of(1, 1e9)));
  fails('an index out of range', core.call('pw_forward', handle, 1, indices, core.call('pw_alloc', 1024)), BAD_INDEX);
  fails('rows beyond a tile', core.call('pw_forward', handle, 9, indices, indices), BAD_ARGUMENT);
  core.call('pw_memory_limit', 4096);
  check('a block beyond the memory limit', core.call('pw_alloc', 8192), 0);
}

/** Under a limit the memory ends at the limit, whatever is asked for; freed memory serves again. */
function checkMemoryLimit(module, [one], rows, check) {
  const core = new Core(module);
  const before = core.memoryBytes;
  core.call('pw_memory_limit', 1 << 20);
  const blocks = [];
  for (let at; (at = core.call('pw_alloc', 100_000) >>> 0) !== 0;) blocks.push(at);
  check('blocks of 100,000 bytes under a limit of 1 MiB', blocks.length, 10);
  check('memory grows no further than the limit', core.memoryBytes <= before + (1 << 20) + (1 << 16), true);
  for (const at of blocks) core.call('pw_free', at);
  core.call('pw_memory_limit', 64 << 20);
  core.run(one, rows, LANES);
  const grown = core.memoryBytes;
  for (let i = 0; i < 20; i++) core.run(one, rows, LANES);
  check('memory after twenty more runs', core.memoryBytes, grown);
}
