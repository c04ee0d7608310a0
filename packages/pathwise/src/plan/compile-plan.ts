import { argumentError, isFloat, PathwiseError, sizeOf, type InputInfo } from '@pathwise/model';
import { exampleShapes, typeOf, type Graph } from '@pathwise/graph';
import { gradientGraph } from '@pathwise/ops';
import { compile, wasmEngine } from '@pathwise/wasm';
import { writePlanFile, type PlanPort } from '@pathwise/wasm/edge';
import type { Explainer } from '../explainer.ts';
import { resolvePreprocessing, type Preprocessing, type PreprocessingName } from '../preprocess/recipe.ts';

export interface CompilePlanOptions {
  /** The output that is explained; default the first. */
  readonly output?: string;
  /** The element of it that is explained where a call names none; default the largest. */
  readonly target?: number;
  /** Kept in the file for the program that makes the input; the plan does not do it. */
  readonly preprocess?: PreprocessingName | Preprocessing;
}

/**
 * A model and the gradient of an output by its float inputs as a plan file, which `openPlan` of `@pathwise/wasm/edge`
 * runs without an importer. Targets stay open: the weights of the output's elements are an input of the plan.
 *
 * @throws PathwiseError UNSUPPORTED_OP naming a node without a kernel; UNSUPPORTED_METHOD where no float input has a
 *   gradient; BAD_SHAPE for sizes that the model leaves open; BAD_ARGUMENT
 */
export async function compilePlan(explain: Explainer, options: CompilePlanOptions = {}): Promise<Uint8Array> {
  const { source, name } = explain.file;
  const output = outputOf(explain, options.output);
  for (const input of explain.inputs) checkSizes(input);
  const graph = 'nodes' in source ? source : source.graph(exampleShapes(explain, 1));
  const wrt = explain.inputs.filter(({ dtype }) => isFloat(dtype)).map((input) => input.name);
  const derived = gradientGraph(graph, { fed: graph.inputs, targets: [output], wrt, kept: [output] });
  const attributed = wrt.filter((input) => derived.gradients.get(input) !== null);
  const seed = derived.seeds.get(output);
  if (attributed.length === 0 || seed === undefined) {
    const reason = `the output "${output}" has a gradient by none of the float inputs, so that nothing can be attributed to them`;
    throw new PathwiseError('UNSUPPORTED_METHOD', `compile: ${reason}. Token ids are not supported in plan files`);
  }
  const inputs = derived.graph.inputs.filter((input) => input !== seed);
  const gradients = attributed.map((input) => derived.gradients.get(input) as string);
  const whole: Graph = { ...derived.graph, inputs: [...inputs, seed], outputs: [output, ...gradients] };
  checkKernels(whole);
  const { target, preprocess } = options;
  const port = portOf(graph, output);
  if (target !== undefined && (!Number.isInteger(target) || target < 0 || target >= sizeOf(port.shape))) {
    throw argumentError('compile', 'target', `an integer from 0 to ${sizeOf(port.shape) - 1}`, target);
  }
  const info = {
    name,
    inputs: inputs.map((input) => portOf(graph, input)),
    attributed,
    output: port,
    ...(target !== undefined && { target }),
    ...(explain.labels !== undefined && { labels: explain.labels }),
    ...(preprocess !== undefined && { preprocess: resolvePreprocessing(preprocess) }),
  };
  return writePlanFile(info, compile(whole).bytes);
}

function outputOf({ outputs }: Explainer, wanted: string | undefined): string {
  const names = outputs.map(({ name }) => name);
  const output = wanted ?? names[0];
  if (output !== undefined && names.includes(output)) return output;
  throw argumentError('compile', 'the output', `one of ${names.join(', ')}`, output);
}

function checkSizes({ name, shape, batched }: InputInfo): void {
  const open = shape.filter((size, axis) => typeof size === 'string' && !(axis === 0 && batched));
  if (open.length === 0) return;
  const message = `compile: the sizes ${open.join(', ')} of input "${name}" are open; a plan has fixed sizes. Export the model with fixed sizes`;
  throw new PathwiseError('BAD_SHAPE', message, { tensor: name });
}

function checkKernels(graph: Graph): void {
  const support = wasmEngine.supports(graph);
  if (support.ok) return;
  const [{ node, op, reason }] = support.missing as [{ node: string; op: string; reason: string }];
  throw new PathwiseError('UNSUPPORTED_OP', `compile: node "${node}" (${op}): ${reason}`, { node, op });
}

function portOf(graph: Graph, name: string): PlanPort {
  const { dtype, shape } = typeOf(graph, name);
  return { name, dtype, shape };
}
