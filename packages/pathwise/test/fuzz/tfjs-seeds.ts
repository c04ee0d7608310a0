/** A model.json and the bytes of its one weight file, with a zero byte between. */
export function joinTfjs(json: string, weights: Uint8Array): Uint8Array {
  const head = new TextEncoder().encode(json);
  const out = new Uint8Array(head.length + 1 + weights.length);
  out.set(head);
  out.set(weights, head.length + 1);
  return out;
}

/** The parts of such a file; without a zero byte all of it is model.json. */
export function splitTfjs(bytes: Uint8Array): { readonly json: Uint8Array; readonly weights: Uint8Array } {
  const at = bytes.indexOf(0);
  if (at < 0) return { json: bytes, weights: new Uint8Array(0) };
  return { json: bytes.subarray(0, at), weights: bytes.subarray(at + 1) };
}

type Layer = readonly [className: string, config: object, weights?: Readonly<Record<string, readonly number[]>>];

/** A sequential model with weights of small numbers. */
function sequential(shape: readonly (number | null)[], layers: readonly Layer[]): Uint8Array {
  const named = layers.map(([class_name, config], i) => ({
    class_name,
    config: { name: `l${i}`, ...(i === 0 && { batch_input_shape: [null, ...shape] }), ...config },
  }));
  const weights = layers.flatMap(([, , own = {}], i) =>
    Object.entries(own).map(([name, size]) => ({ name: `l${i}/${name}`, shape: size, dtype: 'float32' })),
  );
  const count = weights.reduce((sum, { shape: size }) => sum + size.reduce((a, b) => a * b, 1), 0);
  const values = Float32Array.from({ length: count }, (_, i) => ((i % 5) - 2) / 8 + 0.01);
  const json = {
    format: 'layers-model',
    modelTopology: { class_name: 'Sequential', config: { name: 'm', layers: named }, keras_version: '2.15.0' },
    weightsManifest: [{ paths: ['w.bin'], weights }],
  };
  return joinTfjs(JSON.stringify(json), new Uint8Array(values.buffer));
}

/** Small layers models that reach much of the reader. */
export function tfjsSeeds(): Uint8Array[] {
  const batch = { gamma: [4], beta: [4], moving_mean: [4], moving_variance: [4] };
  return [
    sequential(
      [6, 5, 3],
      [
        ['Conv2D', { strides: [2, 1], padding: 'same', activation: 'relu' }, { kernel: [3, 2, 3, 4], bias: [4] }],
        ['BatchNormalization', { axis: [3], epsilon: 2 }, batch],
        ['MaxPooling2D', { pool_size: [2, 2], strides: null, padding: 'same' }],
        ['UpSampling2D', { size: [2, 2], interpolation: 'bilinear' }],
        [
          'ZeroPadding2D',
          {
            padding: [
              [1, 0],
              [0, 2],
            ],
          },
        ],
        ['DepthwiseConv2D', { use_bias: false }, { depthwise_kernel: [2, 2, 4, 2] }],
        ['Conv2DTranspose', { strides: [1, 2], use_bias: false }, { kernel: [2, 2, 3, 8] }],
        ['Flatten', {}],
        ['Dense', { activation: 'softmax', use_bias: false }, { kernel: [210, 2] }],
      ],
    ),
    sequential(
      [4],
      [
        ['Embedding', { mask_zero: true }, { embeddings: [6, 3] }],
        [
          'GRU',
          { return_sequences: true, reset_after: false },
          { kernel: [3, 6], recurrent_kernel: [2, 6], bias: [6] },
        ],
        ['TimeDistributed', { layer: { class_name: 'Dense', config: {} } }, { kernel: [2, 3], bias: [3] }],
        ['GlobalAveragePooling1D', {}],
        ['RepeatVector', { n: 2 }],
        ['Reshape', { target_shape: [3, -1] }],
        ['Permute', { dims: [2, 1] }],
        ['LayerNormalization', { axis: [1, 2] }, { gamma: [2, 3], beta: [2, 3] }],
        ['Rescaling', { scale: 0.5, offset: 1 }],
        ['Softmax', { axis: [1, 2] }],
      ],
    ),
    sequential(
      [null, 2],
      [
        ['Masking', { mask_value: 0 }],
        [
          'Bidirectional',
          { merge_mode: 'concat', layer: { class_name: 'LSTM', config: { return_sequences: true } } },
          Object.fromEntries(
            ['forward_lstm', 'backward_lstm'].flatMap((half) => [
              [`${half}/kernel`, [2, 8]],
              [`${half}/recurrent_kernel`, [2, 8]],
              [`${half}/bias`, [8]],
            ]),
          ),
        ],
        ['Conv1D', { padding: 'causal', dilation_rate: 2 }, { kernel: [2, 4, 3], bias: [3] }],
        ['PReLU', { shared_axes: [1] }, { alpha: [1, 3] }],
        ['GlobalMaxPooling1D', { keepdims: true }],
      ],
    ),
  ];
}
