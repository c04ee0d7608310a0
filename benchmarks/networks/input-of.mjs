/** Inputs in the range that the network was trained on, so that activations do not all lie near their bias. */
const AMPLITUDES = { 'squeezenet-1.0': 120 };

/** A fixed input of one row that looks like nothing. */
export function inputOf(name, graph) {
  const [input] = graph.inputs;
  const { shape } = graph.types.get(input);
  const size = shape.reduce((product, d) => product * d, 1);
  const amplitude = AMPLITUDES[name] ?? 1;
  return {
    dtype: 'float32',
    shape,
    data: Float32Array.from({ length: size }, (_, i) => amplitude * Math.sin(0.7 * i + (i % 13))),
  };
}
