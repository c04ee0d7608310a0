import { differentiate, subgraph } from '@pathwise/graph';
import { writeOnnx } from '@pathwise/onnx';
import { createOrtEngine } from '@pathwise/onnx/runtime';
import { lowerGraph, ops, optimize } from '@pathwise/ops';
import { integrate } from '../task.mjs';
import { pathwise } from './pathwise.mjs';

const runtimes = {
  node: async () => module(await import('onnxruntime-node')),
  web: async () => {
    const ort = module(await import('onnxruntime-web'));
    ort.env.wasm.numThreads = 1;
    return ort;
  },
};

function module(imported) {
  return imported.InferenceSession === undefined ? imported.default : imported;
}

/** Our engine on ONNX Runtime: the affine prefix of the path once, gradient graphs in the form that is fastest there. */
export function ortEngine(runtime) {
  const engine = async () => createOrtEngine({ runtime: runtimes[runtime] });
  return pathwise(`ort-${runtime}-engine`, `Pathwise on onnxruntime-${runtime}`, engine);
}

/** The gradient graph alone, written once, run point after point as a user of ONNX Runtime would. */
export function onnxruntime(runtime) {
  return {
    id: `ort-${runtime}`,
    label: `onnxruntime-${runtime}, gradient graph`,
    async open(task) {
      const ort = await runtimes[runtime]();
      const { graph, seed, gradient } = gradientOf(task);
      const session = await ort.InferenceSession.create(writeOnnx(graph), {
        executionProviders: [runtime === 'node' ? 'cpu' : 'wasm'],
        intraOpNumThreads: 1,
        interOpNumThreads: 1,
        graphOptimizationLevel: 'all',
      });
      const { shape } = graph.types.get(seed);
      const oneHot = new Float32Array(shape.reduce((size, d) => size * d, 1));
      oneHot[task.target] = 1;
      const cotangent = new ort.Tensor('float32', oneHot, shape);
      const gradients = async (row) => {
        const feeds = { [task.input]: new ort.Tensor('float32', row, task.shape), [seed]: cotangent };
        return (await session.run(feeds, [gradient]))[gradient].data;
      };
      return {
        run: (points) => integrate(task, points, 1, gradients),
        close: () => session.release(),
      };
    },
  };
}

function gradientOf({ graph, input, output }) {
  const forward = lowerGraph(optimize(graph, [output, input]));
  const derived = differentiate(forward, { targets: [output], wrt: [input], ops });
  const gradient = derived.gradients.get(input);
  const seed = derived.seeds.get(output);
  return { graph: optimize(subgraph(derived.graph, [input, seed], [gradient])), seed, gradient };
}
