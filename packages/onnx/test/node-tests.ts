import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isFloat, PathwiseError, type Tensor } from '@pathwise/model';
import { referenceEngine } from '@pathwise/ops';
import { sharedData } from '../../model/testing/shared-data.ts';
import { readOnnx } from '../src/index.ts';
import { defaultLimits } from '../src/limits.ts';
import { elementTypeName } from '../src/tensor/element-type.ts';
import { readTensor } from '../src/tensor/read-tensor.ts';
import { Decoder } from '../src/wire/decode.ts';
import { tensorType } from '../src/wire/messages.ts';

/** The ONNX project's tests of its operators (Apache-2.0): an archive beside the repository. */
const ARCHIVE = sharedData('onnx-node-tests.tar.xz');
/** Debian's package libonnx-testdata has an older set of them, and models of opset 6. */
const DEBIAN = '/usr/share/libonnx-testdata/data';
const DEBIAN_SETS = ['node', 'pytorch-converted', 'pytorch-operator', 'simple'];

export interface NodeTests {
  /** Where it lies, by name of the test. */
  readonly folders: ReadonlyMap<string, string>;
  /** It is the set that the list of skips was made for. */
  readonly complete: boolean;
  remove(): void;
}

/** Finds (and unpacks) all test sets. */
export function findNodeTests(): NodeTests[] {
  const sets: NodeTests[] = [];
  if (ARCHIVE.present) {
    const parent = mkdtempSync(join(tmpdir(), 'onnx-node-tests-'));
    execFileSync('tar', ['-xJf', ARCHIVE.path, '-C', parent]);
    const remove = (): void => rmSync(parent, { recursive: true, force: true });
    sets.push({ folders: testsIn(join(parent, 'node')), complete: true, remove });
  }
  if (existsSync(DEBIAN)) {
    const folders = new Map(DEBIAN_SETS.flatMap((set) => [...testsIn(join(DEBIAN, set))]));
    sets.push({ folders, complete: false, remove: () => {} });
  }
  return sets;
}

function testsIn(folder: string): Map<string, string> {
  return new Map(
    readdirSync(folder)
      .sort()
      .map((name) => [name, join(folder, name)]),
  );
}

export interface CaseResult {
  readonly name: string;
  readonly actual: Tensor;
  readonly expected: Tensor;
  /** The expected values were computed in float16 or bfloat16. */
  readonly reduced: boolean;
}

/** How far an output may be off: float32 rounding, or (`wide`) ONNX's own tolerance, which float16 needs. */
export function closeness(wide: boolean): { rtol: number; atol: number } {
  return wide ? { rtol: 1e-3, atol: 1e-4 } : { rtol: 1e-5, atol: 1e-6 };
}

/** Runs a test on the reference engine; returns each output with what is expected. */
export async function runNodeTest(folder: string): Promise<CaseResult[]> {
  const bytes = readFileSync(join(folder, 'model.onnx'));
  const data = join(folder, 'test_data_set_0');
  const names = readOnnx(bytes, { batched: false }).inputs.map((input) => input.name);
  const values = readdirSync(data)
    .filter((file) => file.startsWith('input_'))
    .sort((a, b) => numberIn(a) - numberIn(b))
    .map((file) => readPb(join(data, file)).tensor);
  const inputs = names
    .map((name, i) => [name, values[i] as Tensor] as const)
    .filter(([, value]) => value !== undefined);
  const outputs = await runWithConstants(bytes, inputs);
  return outputs.map(([name, actual], i) => {
    const { tensor, reduced } = readPb(join(data, `output_${i}.pb`));
    return { name, actual, expected: tensor, reduced };
  });
}

/** Tests give as inputs what models have as constants (shapes, axes): what must be constant is made so, the least first. */
async function runWithConstants(
  bytes: Uint8Array,
  inputs: readonly (readonly [string, Tensor])[],
): Promise<[string, Tensor][]> {
  const choices = [
    () => false,
    ([, value]: readonly [string, Tensor]) => !isFloat(value.dtype),
    (_: readonly [string, Tensor], i: number) => i > 0,
    () => true,
  ];
  let refused: unknown;
  for (const chosen of choices) {
    try {
      return await run(bytes, inputs, Object.fromEntries(inputs.filter(chosen)));
    } catch (error) {
      if (!(error instanceof PathwiseError) || error.code !== 'UNSUPPORTED_OP') throw error;
      refused ??= error;
    }
  }
  throw refused;
}

async function run(
  bytes: Uint8Array,
  inputs: readonly (readonly [string, Tensor])[],
  constants: Record<string, Tensor>,
): Promise<[string, Tensor][]> {
  const feeds = Object.fromEntries(inputs.filter(([name]) => !(name in constants)));
  const shapes = Object.fromEntries(Object.entries(feeds).map(([name, value]) => [name, value.shape]));
  const graph = readOnnx(bytes, { batched: false, constants }).graph(shapes);
  const executable = await referenceEngine.load(graph);
  const outputs = await executable.run(feeds, graph.outputs);
  return graph.outputs.map((name) => {
    // The engine puts rows in front: of one row, or a new axis of size 1.
    const { shape } = graph.types.get(name)!;
    return [name, { ...(outputs[name] as Tensor), shape }];
  });
}

function readPb(path: string): { tensor: Tensor; reduced: boolean } {
  const file = new Uint8Array(readFileSync(path));
  const context = { file, limits: defaultLimits, externalData: undefined };
  const proto = new Decoder(file, path, defaultLimits).decode(tensorType);
  const name = elementTypeName(proto.dataType ?? 0);
  return { tensor: readTensor(proto, context), reduced: name === 'float16' || name === 'bfloat16' };
}

function numberIn(file: string): number {
  return Number(/\d+/.exec(file)?.[0]);
}
