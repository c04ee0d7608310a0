// A graph of one row as a function of TensorFlow.js on any number of rows. Images stand channels last there, as its
// WebAssembly kernels want them.

/** @returns (x: tensor of rows in the graph's layout) => logits */
export function tfjsForward(tf, graph) {
  const constants = new Map();
  const numbers = (name) => Array.from(graph.constants.get(name).data, Number);
  const constant = (name, change = (t) => t) => {
    const key = `${name} ${change}`;
    if (!constants.has(key)) {
      const { shape, data } = graph.constants.get(name);
      constants.set(key, tf.keep(tf.tidy(() => change(tf.tensor(Float32Array.from(data, Number), shape)))));
    }
    return constants.get(key);
  };
  return (x) => {
    const isImage = x.rank === 4;
    const values = new Map([[graph.inputs[0], { t: isImage ? tf.transpose(x, [0, 2, 3, 1]) : x, isImage }]]);
    for (const node of graph.nodes) {
      const rule = OPS[node.op];
      if (rule === undefined) throw new Error(`${node.op} has no translation to TensorFlow.js here`);
      const value = (i) => values.get(node.inputs[i]) ?? { t: constant(node.inputs[i]), isImage: false };
      const results = rule({ tf, node, attrs: node.attrs, value, constant, numbers, graph });
      for (const [i, output] of node.outputs.entries()) {
        if (output !== '') values.set(output, Array.isArray(results) ? results[i] : results);
      }
    }
    return values.get(graph.outputs[0]).t;
  };
}

const image = (t) => ({ t, isImage: true });
const plain = (t) => ({ t, isImage: false });

/** Same kind of value as its first operand. */
const unary = (f) => (c) => ({ t: f(c.tf, c.value(0).t, c), isImage: c.value(0).isImage });
const binary = (f) => (c) => ({ t: f(c.tf, c.value(0).t, c.value(1).t), isImage: c.value(0).isImage });

/** Zeros around the pixels, by hand: the kernels take equal pads only. */
function padded(tf, x, pads = [0, 0, 0, 0]) {
  return pads.every((p) => p === 0)
    ? x
    : tf.pad(x, [
        [0, 0],
        [pads[0], pads[2]],
        [pads[1], pads[3]],
        [0, 0],
      ]);
}

/** Pads, with those at the end that `ceil_mode` asks for. Zeros do, since all pools here read what a ReLU made. */
function poolPads({ kernel_shape: kernel, strides = [1, 1], pads = [0, 0, 0, 0] }, { t }, outputShape) {
  return pads.map((pad, i) => {
    if (i < 2) return pad;
    const axis = i - 2;
    const reach = (outputShape[2 + axis] - 1) * strides[axis] + kernel[axis];
    return Math.max(0, reach - t.shape[1 + axis] - pads[axis]);
  });
}

/** Sums over neighbouring channels by shifted copies; x (bias + alpha / size * sum of squares)^-beta. */
function localResponse(tf, x, { size, alpha, beta, bias }) {
  const before = Math.floor((size - 1) / 2);
  const channels = x.shape[3];
  const squares = tf.pad(tf.square(x), [
    [0, 0],
    [0, 0],
    [0, 0],
    [before, size - 1 - before],
  ]);
  const at = (k) => tf.slice(squares, [0, 0, 0, k], [-1, -1, -1, channels]);
  const sum = Array.from({ length: size }, (_, k) => at(k)).reduce((a, b) => tf.add(a, b));
  return tf.mul(x, tf.pow(tf.add(tf.mul(sum, alpha / size), bias), -beta));
}

/** The steps one by one; gates in ONNX's order input, output, forget, cell. */
function lstm({ tf, node, value, constant }) {
  const x = value(0).t; // [steps, rows, features]
  const [steps, rows, features] = x.shape;
  const [w, r, bias] = [1, 2, 3].map((i) => node.inputs[i]);
  const hidden = constant(r).shape[2];
  const turned = (t) => tf.transpose(tf.squeeze(t, [0]));
  const both = (t) => tf.add(tf.slice(t, [0, 0], [1, 4 * hidden]), tf.slice(t, [0, 4 * hidden], [1, 4 * hidden]));
  const flat = tf.matMul(tf.reshape(x, [steps * rows, features]), constant(w, turned));
  const projected = tf.reshape(tf.add(flat, constant(bias, both)), [steps, rows, 4 * hidden]);
  let h = tf.zeros([rows, hidden]);
  let c = tf.zeros([rows, hidden]);
  for (const step of tf.unstack(projected)) {
    const z = tf.add(step, tf.matMul(h, constant(r, turned)));
    const [input, output, forget, cell] = tf.split(z, 4, 1);
    c = tf.add(tf.mul(tf.sigmoid(forget), c), tf.mul(tf.sigmoid(input), tf.tanh(cell)));
    h = tf.mul(tf.sigmoid(output), tf.tanh(c));
  }
  // The last state as rows; the graph reshapes it to that anyway.
  return [null, plain(h), plain(c)];
}

const OPS = {
  Add: binary((tf, a, b) => tf.add(a, b)),
  Mul: binary((tf, a, b) => tf.mul(a, b)),
  MatMul: binary((tf, a, b) => matMul(tf, a, b)),
  Relu: unary((tf, x) => tf.relu(x)),
  Clip: unary((tf, x, { node, numbers }) => tf.clipByValue(x, numbers(node.inputs[1])[0], numbers(node.inputs[2])[0])),
  Gelu: unary((tf, x) => tf.mul(x, tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5))),
  Softmax: unary((tf, x, { attrs }) => tf.softmax(x, attrs.axis)),
  Conv({ tf, node, attrs, value, constant }) {
    const { strides = [1, 1], group, pads } = attrs;
    const x = padded(tf, value(0).t, pads);
    const inOut = (t) => tf.transpose(t, [2, 3, 1, 0]);
    const depthwise = (t) => tf.transpose(t, [2, 3, 0, 1]);
    const y =
      group === 1
        ? tf.conv2d(x, constant(node.inputs[1], inOut), strides, 'valid')
        : tf.depthwiseConv2d(x, constant(node.inputs[1], depthwise), strides, 'valid');
    return image(node.inputs[2] ? tf.add(y, constant(node.inputs[2])) : y);
  },
  MaxPool({ tf, node, attrs, value, graph }) {
    const { kernel_shape: kernel, strides = [1, 1] } = attrs;
    const pads = poolPads(attrs, value(0), graph.types.get(node.outputs[0]).shape);
    return image(tf.maxPool(padded(tf, value(0).t, pads), kernel, strides, 'valid'));
  },
  LRN: unary((tf, x, { attrs }) => localResponse(tf, x, attrs)),
  GlobalAveragePool: unary((tf, x) => tf.mean(x, [1, 2], true)),
  Flatten: ({ tf, value }) => plain(tf.reshape(value(0).t, [value(0).t.shape[0], -1])),
  Concat({ tf, node, attrs, value }) {
    const parts = node.inputs.map((_, i) => value(i));
    return {
      t: tf.concat(
        parts.map(({ t }) => t),
        parts[0].isImage && attrs.axis === 1 ? 3 : attrs.axis,
      ),
      isImage: parts[0].isImage,
    };
  },
  Reshape({ tf, node, value, numbers }) {
    const size = numbers(node.inputs[1]);
    return plain(tf.reshape(value(0).t, [value(0).t.shape[0], ...size.slice(1)]));
  },
  Transpose: ({ tf, attrs, value }) => plain(tf.transpose(value(0).t, attrs.perm)),
  ReduceMean: ({ tf, node, attrs, value, numbers }) =>
    plain(tf.mean(value(0).t, numbers(node.inputs[1]), attrs.keepdims === 1)),
  LayerNormalization({ tf, attrs, value }) {
    const x = value(0).t;
    const centred = tf.sub(x, tf.mean(x, -1, true));
    const variance = tf.mean(tf.square(centred), -1, true);
    const scaled = tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, attrs.epsilon))), value(1).t);
    return plain(tf.add(scaled, value(2).t));
  },
  Gemm({ tf, node, attrs, value, constant }) {
    const w = constant(node.inputs[1], attrs.transB ? (t) => tf.transpose(t) : undefined);
    return plain(tf.add(tf.matMul(value(0).t, w), constant(node.inputs[2])));
  },
  LSTM: lstm,
};

/** Rows times one matrix as a single product of matrices. */
function matMul(tf, a, b) {
  if (b.rank !== 2 || a.rank === 2) return tf.matMul(a, b);
  const flat = tf.matMul(tf.reshape(a, [-1, a.shape.at(-1)]), b);
  return tf.reshape(flat, [...a.shape.slice(0, -1), b.shape[1]]);
}
