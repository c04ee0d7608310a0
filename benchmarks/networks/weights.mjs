import { normalOf, philox } from '@pathwise/model';

/**
 * A source of weights drawn from the seed: normal with variance 2 / inputs, which keeps the size of activations through
 * layers with ReLU (He, Zhang, Ren, Sun 2015, arXiv:1502.01852). Each call draws the next tensor.
 */
export function heWeights(seed) {
  let tensors = 0;
  return (shape, inputs, gain = 1) => {
    const size = shape.reduce((product, d) => product * d, 1);
    const data = new Float32Array(size);
    const deviation = gain * Math.sqrt(2 / inputs);
    const tensor = tensors++;
    for (let i = 0; i < size; i += 4) {
      const words = philox([i / 4, tensor, 0, 0], [seed, 0]);
      for (let k = 0; k < 4 && i + k < size; k++) data[i + k] = deviation * normalOf(words[k]);
    }
    return { dtype: 'float32', shape, data };
  };
}

/** A vector of one number, for biases and scales. */
export function filled(size, value) {
  return { dtype: 'float32', shape: [size], data: new Float32Array(size).fill(value) };
}

/** A builder's convolution with He weights, a small positive bias and as much padding as keeps the size at stride 1. */
export function convolution(b, weights, x, channels, kernel, { stride = 1, gain = 1, name } = {}) {
  const inputs = b.shape(x)[1];
  const pad = (kernel - 1) / 2;
  const w = weights([channels, inputs, kernel, kernel], inputs * kernel * kernel, gain);
  const pads = [pad, pad, pad, pad];
  return b.conv(x, w, filled(channels, 0.01), { pads, strides: [stride, stride] }, name);
}

/** A dense layer of rows [1, inputs]. */
export function dense(b, weights, x, outputs, name) {
  const inputs = b.shape(x)[1];
  return b.gemm(x, weights([outputs, inputs], inputs), filled(outputs, 0.01), { transB: 1 }, name);
}
