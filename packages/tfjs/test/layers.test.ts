import { describe, expect, test } from 'vitest';
import { readTfjs } from '../src/index.ts';
import { expectSame, type Comparison } from './compare.ts';
import { layers as L, tf } from './tfjs.ts';

type Layer = Pick<ReturnType<typeof L.layers.flatten>, 'apply'>;
type Value = ReturnType<typeof L.input>;

/** A model of one input through layers one after the other. */
function chain(shape: readonly number[], ...stack: readonly Layer[]): L.LayersModel {
  const input = L.input({ shape: [...shape] });
  const output = stack.reduce((x, layer) => layer.apply(x) as Value, input);
  return L.model({ inputs: input, outputs: output });
}

/** A model of several inputs through one layer. */
function join(shapes: readonly (readonly number[])[], layer: Layer): L.LayersModel {
  const inputs = shapes.map((shape) => L.input({ shape: [...shape] }));
  return L.model({ inputs, outputs: layer.apply(inputs) as Value });
}

const image = [5, 6, 3];
const series = [5, 4];
const volume = [4, 3, 5, 2];
const k = L.layers;
// The default initialiser of recurrent layers needs an operation that these packages lack; weights are replaced anyhow.
const ones = { recurrentInitializer: 'ones' as const };
/** Ids of two rows; 0 is padding, in front, inside and behind. */
const ids = [0, 3, 0, 5, 1, 2, 4, 6, 0, 0];

// Expected values: the forward pass of TensorFlow.js 4.22.0 on its cpu backend, for random weights and inputs.
const cases: readonly (readonly [name: string, model: () => L.LayersModel, options?: Comparison | undefined])[] = [
  ['Dense', () => chain([4], k.dense({ units: 3, activation: 'tanh' }))],
  ['Dense without bias', () => chain([4], k.dense({ units: 3, useBias: false }))],
  ['Dense on a sequence', () => chain(series, k.dense({ units: 3, activation: 'relu' }))],
  ['Dense on an image', () => chain(image, k.conv2d({ filters: 2, kernelSize: 2 }), k.dense({ units: 3 }))],
  [
    'Conv1D',
    () => chain(series, k.conv1d({ filters: 3, kernelSize: 3, strides: 2, padding: 'same', activation: 'elu' })),
  ],
  ['Conv2D valid', () => chain(image, k.conv2d({ filters: 4, kernelSize: [3, 2], activation: 'relu' }))],
  [
    'Conv2D same, strided',
    () => chain(image, k.conv2d({ filters: 4, kernelSize: [2, 3], strides: 2, padding: 'same' })),
  ],
  [
    'Conv2D dilated',
    () => chain(image, k.conv2d({ filters: 2, kernelSize: 2, dilationRate: [2, 3], padding: 'same' })),
  ],
  ['Conv3D', () => chain(volume, k.conv3d({ filters: 3, kernelSize: 2, padding: 'same', strides: [1, 2, 1] }))],
  [
    'DepthwiseConv2D',
    () => chain(image, k.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, strides: 2, padding: 'same' })),
  ],
  [
    'SeparableConv2D',
    () => chain(image, k.separableConv2d({ filters: 4, kernelSize: 2, depthMultiplier: 3, activation: 'relu' })),
  ],
  ['Conv2DTranspose valid', () => chain(image, k.conv2dTranspose({ filters: 2, kernelSize: [3, 2], strides: 2 }))],
  [
    'Conv2DTranspose same',
    () => chain(image, k.conv2dTranspose({ filters: 2, kernelSize: 3, strides: [2, 3], padding: 'same' })),
  ],
  [
    'Conv2DTranspose, window below stride',
    () => chain(image, k.conv2dTranspose({ filters: 2, kernelSize: 2, strides: 3 })),
  ],
  [
    'Conv3DTranspose',
    () => chain(volume, k.conv3dTranspose({ filters: 2, kernelSize: 2, strides: 2, padding: 'same' })),
  ],
  ['BatchNormalization of features', () => chain([4], k.batchNormalization({}))],
  ['BatchNormalization of a sequence', () => chain(series, k.batchNormalization({ epsilon: 0.1 }))],
  ['BatchNormalization of an image', () => chain(image, k.batchNormalization({ scale: false }))],
  [
    'BatchNormalization without beta',
    () => chain(image, k.conv2d({ filters: 2, kernelSize: 1 }), k.batchNormalization({ center: false })),
  ],
  ['LayerNormalization', () => chain(series, k.layerNormalization({}))],
  [
    'LayerNormalization of channels',
    () => chain(image, k.conv2d({ filters: 4, kernelSize: 1 }), k.layerNormalization({})),
  ],
  [
    'LayerNormalization of an image',
    () => chain(image, k.conv2d({ filters: 4, kernelSize: 1 }), k.layerNormalization({ axis: [1, 2, 3] })),
  ],
  [
    'LayerNormalization without parameters',
    () => chain(series, k.layerNormalization({ center: false, scale: false, axis: [1, 2] })),
  ],
  ['ReLU', () => chain([6], k.reLU({}))],
  ['ReLU with a ceiling', () => chain([6], k.reLU({ maxValue: 1 }))],
  ['LeakyReLU', () => chain([6], k.leakyReLU({}))],
  ['LeakyReLU 0.1', () => chain([6], k.leakyReLU({ alpha: 0.1 }))],
  ['ELU', () => chain([6], k.elu({}))],
  ['ThresholdedReLU', () => chain([6], k.thresholdedReLU({ theta: 0.5 }))],
  ['PReLU of an image', () => chain(image, k.conv2d({ filters: 3, kernelSize: 1 }), k.prelu({}))],
  ['PReLU, shared', () => chain(image, k.conv2d({ filters: 3, kernelSize: 1 }), k.prelu({ sharedAxes: [1, 2] }))],
  ['Softmax', () => chain(series, k.softmax({ axis: -1 }))],
  ['Softmax over channels', () => chain(image, k.conv2d({ filters: 3, kernelSize: 1 }), k.softmax({ axis: -1 }))],
  ['MaxPooling1D', () => chain(series, k.maxPooling1d({ poolSize: 2, strides: 1, padding: 'same' }))],
  ['MaxPooling2D', () => chain(image, k.maxPooling2d({ poolSize: [2, 3] }))],
  ['MaxPooling2D same', () => chain(image, k.maxPooling2d({ poolSize: 3, strides: 2, padding: 'same' }))],
  ['MaxPooling3D', () => chain(volume, k.maxPooling3d({ poolSize: 2, padding: 'same' }))],
  ['AveragePooling1D', () => chain(series, k.averagePooling1d({ poolSize: 2 }))],
  ['AveragePooling2D same', () => chain(image, k.averagePooling2d({ poolSize: 3, strides: 2, padding: 'same' }))],
  ['AveragePooling3D', () => chain(volume, k.averagePooling3d({ poolSize: 2 }))],
  ['GlobalAveragePooling1D', () => chain(series, k.globalAveragePooling1d({}))],
  ['GlobalMaxPooling1D', () => chain(series, k.globalMaxPooling1d({}))],
  ['GlobalAveragePooling2D', () => chain(image, k.globalAveragePooling2d({}))],
  ['GlobalMaxPooling2D', () => chain(image, k.globalMaxPooling2d({}))],
  [
    'ZeroPadding2D',
    () =>
      chain(
        image,
        k.zeroPadding2d({
          padding: [
            [1, 2],
            [0, 3],
          ],
        }),
      ),
  ],
  [
    'Cropping2D',
    () =>
      chain(
        image,
        k.cropping2D({
          cropping: [
            [1, 0],
            [2, 1],
          ],
        }),
      ),
  ],
  ['UpSampling2D nearest', () => chain(image, k.upSampling2d({ size: [2, 3] }))],
  ['UpSampling2D bilinear', () => chain(image, k.upSampling2d({ size: [2, 3], interpolation: 'bilinear' }))],
  ['Rescaling', () => chain(image, k.rescaling({ scale: 0.5, offset: -1 }))],
  ['Flatten', () => chain(image, k.conv2d({ filters: 2, kernelSize: 1 }), k.flatten(), k.dense({ units: 2 }))],
  ['Flatten, channels first', () => chain(image, k.flatten({ dataFormat: 'channelsFirst' }))],
  ['Reshape', () => chain(image, k.conv2d({ filters: 2, kernelSize: 1 }), k.reshape({ targetShape: [10, -1] }))],
  ['Permute', () => chain(image, k.conv2d({ filters: 2, kernelSize: 1 }), k.permute({ dims: [3, 1, 2] }))],
  ['RepeatVector', () => chain([4], k.repeatVector({ n: 3 }))],
  ['Add', () => join([image, image, image], k.add())],
  ['Add of other ranks', () => join([image, [3]], k.add())],
  ['Multiply', () => join([series, series], k.multiply())],
  ['Average', () => join([series, series, series], k.average())],
  ['Maximum', () => join([series, series], k.maximum())],
  ['Minimum', () => join([series, series], k.minimum())],
  [
    'Concatenate',
    () =>
      join(
        [
          [5, 6, 1],
          [5, 6, 2],
        ],
        k.concatenate({ axis: -1 }),
      ),
  ],
  [
    'Concatenate along rows',
    () =>
      join(
        [
          [5, 6, 2],
          [4, 6, 2],
        ],
        k.concatenate({ axis: 1 }),
      ),
  ],
  ['Dot', () => join([[4], [4]], k.dot({ axes: 1 }))],
  [
    'Dot of sequences',
    () =>
      join(
        [
          [3, 4],
          [4, 2],
        ],
        k.dot({ axes: [2, 1] }),
      ),
  ],
  [
    'Dot, normalized',
    () =>
      join(
        [
          [3, 4],
          [3, 4],
        ],
        k.dot({ axes: 2, normalize: true }),
      ),
  ],
  ['Embedding', () => chain([5], k.embedding({ inputDim: 7, outputDim: 3 })), { feeds: { '': ids } }],
  [
    'Dropout and noise',
    () =>
      chain(
        series,
        k.dropout({ rate: 0.5 }),
        k.gaussianNoise({ stddev: 1 }),
        k.gaussianDropout({ rate: 0.5 }),
        k.alphaDropout({ rate: 0.5 }),
        k.spatialDropout1d({ rate: 0.5 }),
      ),
  ],
  ['SimpleRNN', () => chain(series, k.simpleRNN({ units: 3, ...ones }))],
  [
    'SimpleRNN without bias, sequences',
    () => chain(series, k.simpleRNN({ units: 3, useBias: false, returnSequences: true, activation: 'relu', ...ones })),
  ],
  ['LSTM', () => chain(series, k.lstm({ units: 3, ...ones }))],
  [
    'LSTM, sigmoid gates, backwards',
    () =>
      chain(
        series,
        k.lstm({ units: 3, recurrentActivation: 'sigmoid', goBackwards: true, returnSequences: true, ...ones }),
      ),
  ],
  ['GRU', () => chain(series, k.gru({ units: 3, ...ones }))],
  ['GRU of sequences', () => chain(series, k.gru({ units: 3, returnSequences: true, useBias: false, ...ones }))],
  ['RNN of a cell', () => chain(series, k.rnn({ cell: k.gruCell({ units: 2, ...ones }), returnSequences: true }))],
  [
    'RNN of stacked cells',
    () => chain(series, k.rnn({ cell: [k.lstmCell({ units: 2, ...ones }), k.simpleRNNCell({ units: 3, ...ones })] })),
  ],
  [
    'Bidirectional, concat',
    () =>
      chain(
        series,
        k.bidirectional({ layer: k.lstm({ units: 2, returnSequences: true, ...ones }), mergeMode: 'concat' }),
      ),
  ],
  [
    'Bidirectional, sum',
    () => chain(series, k.bidirectional({ layer: k.gru({ units: 2, ...ones }), mergeMode: 'sum' })),
  ],
  [
    'Bidirectional, ave',
    () =>
      chain(series, k.bidirectional({ layer: k.gru({ units: 2, returnSequences: true, ...ones }), mergeMode: 'ave' })),
  ],
  [
    'Bidirectional, mul',
    () => chain(series, k.bidirectional({ layer: k.gru({ units: 2, ...ones }), mergeMode: 'mul' })),
  ],
  ['TimeDistributed(Dense)', () => chain(series, k.timeDistributed({ layer: k.dense({ units: 3 }) }))],
  [
    'TimeDistributed(Conv2D)',
    () => chain([2, 4, 5, 3], k.timeDistributed({ layer: k.conv2d({ filters: 2, kernelSize: 2 }) })),
  ],
  ['ConvLSTM2D', () => chain([3, 5, 4, 2], k.convLstm2d({ filters: 2, kernelSize: 3, padding: 'same', ...ones }))],
  [
    'ConvLSTM2D valid, sequences',
    () => chain([3, 5, 4, 2], k.convLstm2d({ filters: 2, kernelSize: 2, strides: 2, returnSequences: true, ...ones })),
  ],
  [
    'Masking before LSTM',
    () => chain([4, 2], k.masking({ maskValue: 0 }), k.lstm({ units: 2, returnSequences: true, ...ones })),
    { feeds: { '': [0, 0, 1, 2, 0, 0, -1, 1, 2, 0, 0, 0, 0, 3, 0, 0] } },
  ],
  [
    'Embedding with a mask before GRU',
    () =>
      chain(
        [5],
        k.embedding({ inputDim: 7, outputDim: 3, maskZero: true }),
        k.dropout({ rate: 0.3 }),
        k.gru({ units: 2, ...ones }),
      ),
    { feeds: { '': ids } },
  ],
  [
    'a mask through a backward layer',
    () =>
      chain(
        [5],
        k.embedding({ inputDim: 7, outputDim: 3, maskZero: true }),
        k.simpleRNN({ units: 2, returnSequences: true, goBackwards: true, ...ones }),
      ),
    { feeds: { '': ids } },
  ],
];

describe('layers give what TensorFlow.js gives', () => {
  test.each(cases.map(([name, model, options]) => ({ name, model, options })))(
    '$name',
    async ({ model, options = {} }) => {
      const built = model();
      const named = Object.fromEntries(
        Object.entries(options.feeds ?? {}).map(([name, values]) => [
          name === '' ? built.inputs[0]!.name : name,
          values,
        ]),
      );
      await expectSame(built, { ...options, feeds: named });
    },
  );

  // softmax has an axis of its own; the others are element-wise.
  test.each([
    'linear',
    'relu',
    'relu6',
    'elu',
    'selu',
    'sigmoid',
    'hardSigmoid',
    'softmax',
    'softplus',
    'softsign',
    'tanh',
    'swish',
    'gelu',
    'gelu_new',
    'mish',
  ] as const)('Activation %s', async (activation) =>
    expectSame(chain(series, k.activation({ activation: activation as 'relu' }))),
  );
});

test('the weights of a live model are copied', async () => {
  const model = chain([2], k.dense({ units: 1, kernelInitializer: 'ones' }));
  const source = await readTfjs(model);
  const before = [...source.graph({}).constants.values()].map(({ data }) => [...data]);
  model.weights[0]!.write(tf.tensor2d([[5], [5]]));
  expect([...source.graph({}).constants.values()].map(({ data }) => [...data])).toEqual(before);
});
