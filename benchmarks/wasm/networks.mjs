// The graphs that path methods run: the gradient of the first class by the tensors at the end of the affine prefix.
import { subgraph } from '@pathwise/graph';
import { graphModel } from '@pathwise/ops';

/** The graph that an engine is given for one gradient at points of a path from all inputs. */
export async function gradientGraphOf(network) {
  let graph;
  const seen = new Error('seen');
  const recorder = {
    id: 'recorder',
    supports: () => ({ ok: true }),
    load: async (loaded) => ({
      rows: 0,
      run(feeds, wanted) {
        graph = subgraph(loaded, Object.keys(feeds), [...new Set(wanted)]);
        throw seen;
      },
      dispose() {},
    }),
  };
  const model = graphModel(network, recorder);
  const shaped = model.inputs.map(({ name, dtype, shape }) => [
    name,
    zeros(
      dtype,
      shape.map((size) => (typeof size === 'number' ? size : 1)),
    ),
  ]);
  const inputs = Object.fromEntries(shaped);
  const structure = model.structure(inputs);
  const moving = model.inputs.map(({ attributedAt }) => attributedAt);
  const [output] = model.outputs;
  const frontier = structure.affineFrontier(moving, output.name);
  const at = frontier.map((name) => [name, zeros('float32', structure.tensor(name).shape)]);
  const weights = new Float64Array(structure.tensor(output.name).shape.reduce((a, d) => a * d, 1));
  weights[0] = 1;
  const objective = { tensor: output.name, rows: [{ kind: 'linear', weights }] };
  try {
    await model.gradient({ feeds: Object.fromEntries(at), objective, wrt: frontier });
  } catch (error) {
    if (error !== seen) throw error;
  }
  return graph;
}

function zeros(dtype, shape) {
  const size = shape.reduce((a, d) => a * d, 1);
  const data =
    dtype === 'int64' ? new BigInt64Array(size) : dtype === 'int32' ? new Int32Array(size) : new Float32Array(size);
  return { dtype, shape, data };
}
