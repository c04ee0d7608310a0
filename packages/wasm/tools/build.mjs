// Compiles native/core.c to wasm/core.wasm and wasm/core-relaxed.wasm with the pinned clang, which is itself wasm: nothing but npm packages is needed.
// The same sources give the same bytes on every machine. Skips the work where the output is newer than all sources.
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const native = join(root, 'native');

const COMPILE = [
  '--target=wasm32-unknown-unknown',
  '-std=c17',
  '-O3',
  '-msimd128',
  '-ffreestanding',
  '-fno-builtin',
  '-ffp-contract=off',
  '-Wall',
  '-Werror',
  // Without it constant offsets of loads become additions (LLVM 22's loop strength reduction drops a flag).
  '-mllvm',
  '-disable-lsr',
];

const EXPORTS = [
  'pw_abi_version',
  'pw_features',
  'pw_memory_limit',
  'pw_alloc',
  'pw_free',
  'pw_plan_load',
  'pw_plan_free',
  'pw_plan_info',
  'pw_forward',
  'pw_job_new',
  'pw_job_features',
  'pw_job_input',
  'pw_job_begin',
  'pw_job_points',
  'pw_job_step',
  'pw_job_bad_point',
  'pw_job_result',
  'pw_job_vectors',
  'pw_job_free',
  'pw_last_error',
  'pw_selftest',
  'pw_selftest_result',
];

const LINK = ['--no-entry', '--strip-all', '--gc-sections', '-z', 'stack-size=65536', '--max-memory=4294967296'];

/** Files under a folder, by path relative to it, with their contents. */
function sourcesOf(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    /\.[ch]$/u.test(entry.name),
  );
  return files.map((entry) => join(entry.parentPath ?? entry.path, entry.name)).sort();
}

/**
 * Compiles one C file of a folder, which may include the others and `files`, to a module with the given exports.
 * @param {string} folder
 * @param {string} main
 * @param {readonly string[]} exports
 * @param {{ files?: Record<string, string | Uint8Array>, relaxed?: boolean }} [options]
 * @returns {Promise<Uint8Array>}
 */
export async function compileModule(folder, main, exports, { files = {}, relaxed = false } = {}) {
  const { commands } = await import('@yowasp/clang');
  const tree = { ...files };
  for (const path of sourcesOf(folder)) {
    const parts = relative(folder, path).split(/[\\/]/u);
    const inside = parts.slice(0, -1).reduce((at, name) => (at[name] ??= {}), tree);
    inside[parts.at(-1)] = readFileSync(path);
  }
  const compiled = await runTool(
    commands.clang,
    [...COMPILE, ...(relaxed ? ['-mrelaxed-simd'] : []), '-c', main, '-o', 'module.o'],
    tree,
  );
  const linked = await runTool(
    commands['wasm-ld'],
    [...LINK, ...exports.map((name) => `--export=${name}`), 'module.o', '-o', 'module.wasm'],
    { 'module.o': compiled['module.o'] },
  );
  return /** @type {Uint8Array} */ (linked['module.wasm']);
}

/** Its exceptions hold all files and would be printed with them. */
async function runTool(command, args, files) {
  const show = (bytes) => void (bytes && process.stderr.write(bytes));
  try {
    return await command(args, files, { stdout: show, stderr: show, fetchProgress: () => {} });
  } catch (error) {
    if (error?.code === undefined) throw error;
    throw new Error(`the compiler ended with code ${error.code}; its messages are above`);
  }
}

/** Builds of the core by file name. */
const VARIANTS = { 'core.wasm': { relaxed: false }, 'core-relaxed.wasm': { relaxed: true } };

/**
 * The bytes of the core. A test may put a source of its own around it, which includes core.c.
 * @param {{ main?: string, files?: Record<string, string | Uint8Array>, exports?: readonly string[], relaxed?: boolean }} [build]
 * @returns {Promise<Uint8Array>}
 */
export async function buildCore({ main = 'core.c', files = {}, exports = [], relaxed = false } = {}) {
  const bytes = await compileModule(native, main, [...EXPORTS, ...exports], { files, relaxed });
  // Hosts without relaxed SIMD cannot look into such a build.
  if (relaxed && !WebAssembly.validate(bytes)) return bytes;
  const imports = WebAssembly.Module.imports(new WebAssembly.Module(bytes));
  if (imports.length > 0) throw new Error(`the core must import nothing, got ${JSON.stringify(imports)}`);
  return bytes;
}

function isFresh(output) {
  const built = statSync(output, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const inputs = [...sourcesOf(native), fileURLToPath(import.meta.url)];
  return inputs.every((path) => statSync(path).mtimeMs < built);
}

/** Writes the builds of the core into wasm/, but for those that are newer than all sources. */
export async function ensureCore() {
  for (const [name, variant] of Object.entries(VARIANTS)) {
    const output = join(root, 'wasm', name);
    if (isFresh(output)) continue;
    const bytes = await buildCore(variant);
    mkdirSync(dirname(output), { recursive: true });
    // Renamed into place, as others may build at the same time.
    const draft = `${output}.${process.pid}`;
    writeFileSync(draft, bytes);
    renameSync(draft, output);
    console.log(`wasm/${name}: ${bytes.length} bytes`);
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await ensureCore();
