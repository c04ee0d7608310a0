import { fileError, sizeOf } from '@pathwise/model';
import { Core, INFO } from '../core.ts';
import { loadCore, type CoreSource } from '../load.ts';
import { EdgePlan } from './edge-plan.ts';
import { readPlanFile } from './plan-archive.ts';
import type { PlanInfo } from './plan-info.ts';

/** What an edge host allows at most, with room for the rest of the program. */
const DEFAULT_MAX_BYTES = 96 * 2 ** 20;

export interface OpenOptions {
  /** The core, where it is not to be found beside the package. */
  readonly core?: CoreSource | Promise<CoreSource>;
  /** Bytes that the core may use: the plan with its weights, one tile, and one path a call. Default 96 MiB. */
  readonly maxBytes?: number;
}

/**
 * Opens a file of `pathwise compile`: a model that predicts and is attributed by Integrated Gradients, in any host that
 * has WebAssembly.
 *
 * @throws PathwiseError BAD_FILE; BUDGET where `maxBytes` is too little; ENGINE_UNAVAILABLE
 */
export async function openPlan(
  file: Uint8Array | ArrayBuffer,
  { core: source, maxBytes = DEFAULT_MAX_BYTES }: OpenOptions = {},
): Promise<EdgePlan> {
  const { info, plan } = await readPlanFile(file);
  const core = new Core(await loadCore(source), maxBytes);
  const handle = core.loadPlan(plan);
  checkPorts(core, handle, info);
  return new EdgePlan(core, handle, info);
}

/** The description must be that of the plan: sizes of its inputs, the weights of the target, the output, gradients. */
function checkPorts(core: Core, handle: number, { inputs, attributed, output }: PlanInfo): void {
  const sizes = (count: number, size: number): number[] =>
    Array.from({ length: core.exports.pw_plan_info(handle, count, 0) }, (_, i) =>
      core.exports.pw_plan_info(handle, size, i),
    );
  const sizeOfInput = (name: string): number => sizeOf(inputs.find((input) => input.name === name)?.shape ?? []);
  const expected = [...inputs.map(({ shape }) => sizeOf(shape)), sizeOf(output.shape)];
  const results = [sizeOf(output.shape), ...attributed.map(sizeOfInput)];
  const fits =
    sizes(INFO.inputs, INFO.inputSize).join() === expected.join() &&
    sizes(INFO.outputs, INFO.outputSize).join() === results.join();
  if (!fits) throw fileError('plan file', 'the description is not that of the plan', {}, 'Compile the model again');
}
