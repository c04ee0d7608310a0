// Layers of GoogLeNet (g), ResNet-18 (r), MobileNetV2 (m) and SqueezeNet (s), and the plans that compute them.
import { differentiate } from '@pathwise/graph';
import { graphBuilder, ops } from '@pathwise/ops';
import { compile } from '@pathwise/wasm';

const conv = (name, channels, size, outputs, kernel, stride = 1) => ({
  kind: 'conv',
  name,
  channels,
  size,
  outputs,
  kernel,
  stride,
  group: 1,
});
const depthwise = (name, channels, size, stride) => ({
  ...conv(name, channels, size, channels, 3, stride),
  group: channels,
});
const pool = (name, channels, size, stride) => ({
  kind: 'pool',
  name,
  channels,
  size,
  outputs: channels,
  kernel: 3,
  stride,
  group: channels,
});

export const layers = [
  conv('first 7x7s2 3-64@224', 3, 224, 64, 7, 2),
  conv('g 1x1 64-64@56', 64, 56, 64, 1),
  conv('g 3x3 64-192@56', 64, 56, 192, 3),
  conv('g 1x1 192-64@28', 192, 28, 64, 1),
  conv('g 3x3 96-128@28', 96, 28, 128, 3),
  conv('g 3x3 128-192@28', 128, 28, 192, 3),
  conv('g 5x5 16-32@28', 16, 28, 32, 5),
  conv('g 5x5 32-96@28', 32, 28, 96, 5),
  conv('g 1x1 512-128@14', 512, 14, 128, 1),
  conv('g 3x3 112-224@14', 112, 14, 224, 3),
  conv('g 3x3 160-320@14', 160, 14, 320, 3),
  conv('g 5x5 32-128@14', 32, 14, 128, 5),
  conv('g 1x1 832-384@7', 832, 7, 384, 1),
  conv('g 3x3 192-384@7', 192, 7, 384, 3),
  conv('g 5x5 48-128@7', 48, 7, 128, 5),
  conv('r 3x3 64-64@56', 64, 56, 64, 3),
  conv('r 3x3s2 64-128@56', 64, 56, 128, 3, 2),
  conv('r 3x3 128-128@28', 128, 28, 128, 3),
  conv('r 3x3 256-256@14', 256, 14, 256, 3),
  conv('r 3x3s2 256-512@14', 256, 14, 512, 3, 2),
  conv('r 3x3 512-512@7', 512, 7, 512, 3),
  conv('r 1x1s2 128-256@28', 128, 28, 256, 1, 2),
  conv('m 1x1 16-96@112', 16, 112, 96, 1),
  conv('m 1x1 144-24@56', 144, 56, 24, 1),
  conv('m 1x1 32-192@28', 32, 28, 192, 1),
  conv('m 1x1 96-576@14', 96, 14, 576, 1),
  conv('m 1x1 960-160@7', 960, 7, 160, 1),
  conv('s 1x1 128-16@56', 128, 56, 16, 1),
  conv('s 3x3 16-64@56', 16, 56, 64, 3),
  conv('s 3x3 48-192@28', 48, 28, 192, 3),
  depthwise('depthwise 3x3 32@112', 32, 112, 1),
  depthwise('depthwise 3x3 576@14', 576, 14, 1),
  depthwise('depthwise 3x3s2 96@112', 96, 112, 2),
  pool('max pool 3x3s2 64@112', 64, 112, 2),
  pool('max pool 3x3 256@28', 256, 28, 1),
];

/** Plans of the forward pass and of the gradient by the input, of He-random weights drawn by `value` from [-1, 1). */
export function plansOf(layer, value, options) {
  const b = graphBuilder();
  const x = b.input('x', [1, layer.channels, layer.size, layer.size]);
  const pad = layer.kernel >> 1;
  const attrs = { strides: [layer.stride, layer.stride], pads: [pad, pad, pad, pad] };
  const y =
    layer.kind === 'pool'
      ? b.maxPool(x, [3, 3], attrs)
      : b.conv(x, weights(layer, value), null, { ...attrs, group: layer.group });
  const forward = b.build([y]);
  const { graph, gradients } = differentiate(forward, { targets: [y], wrt: [x], ops });
  return {
    forward: compile(forward, options).bytes,
    gradient: compile({ ...graph, outputs: [gradients.get(x)] }, options).bytes,
  };
}

function weights({ channels, outputs, kernel, group }, value) {
  const shape = [outputs, channels / group, kernel, kernel];
  const fanIn = (channels / group) * kernel * kernel;
  const data = Float32Array.from({ length: outputs * fanIn }, () => Math.sqrt(6 / fanIn) * value());
  return { dtype: 'float32', shape, data };
}

/**
 * Multiplications and additions of eight rows: `real` without the taps that fall into the padding, `all` with them.
 * The gradient has as many.
 */
export function operationsOf({ channels, outputs, size, kernel, stride, group }) {
  const pad = kernel >> 1;
  const positions = Math.floor((size + 2 * pad - kernel) / stride) + 1;
  let inside = 0;
  for (let o = 0; o < positions; o++) {
    for (let k = 0; k < kernel; k++) {
      const at = o * stride - pad + k;
      if (at >= 0 && at < size) inside++;
    }
  }
  const each = 2 * 8 * (channels / group) * outputs;
  return { real: each * inside ** 2, all: each * (positions * kernel) ** 2 };
}
