import {
  toFloat64,
  type DifferentiableModel,
  type Feeds,
  type GradientResult,
  type Outputs,
  type Tensor,
} from '@pathwise/model';

/** What becomes of the units of a layer: `keep` has 1 for a unit that stays and 0 for one that is removed. */
export interface Gate {
  readonly layer: string;
  /** One number a unit, row-major. */
  readonly keep: Float64Array;
  /** Values of removed units. */
  readonly replacement: Float64Array;
}

/**
 * The model with units of a layer removed wherever it is evaluated: each becomes its replacement, and nothing flows back
 * through it. All other paths from the input to the output stay.
 */
export function gatedModel(model: DifferentiableModel, gate: Gate): DifferentiableModel {
  const { layer } = gate;
  /** The feeds with the gated layer among them. */
  const gated = async (feeds: Feeds, options?: Parameters<DifferentiableModel['forward']>[2]): Promise<Feeds> => {
    const value = feeds[layer] ?? ((await model.forward(feeds, [layer], options))[layer] as Tensor);
    return { ...feeds, [layer]: applyGate(gate, value) };
  };
  return {
    engine: model.engine,
    inputs: model.inputs,
    outputs: model.outputs,
    counters: model.counters,
    bytesPerRow: (feeds) => model.bytesPerRow(feeds),
    supports: (capability) =>
      capability === 'predict' || capability === 'gradient' || capability === 'layers'
        ? model.supports(capability)
        : { ok: false, missing: [{ node: layer, op: '', reason: 'units of this layer are removed' }] },
    outputTensor: (...args) => model.outputTensor(...args),
    async forward(feeds, wanted, options): Promise<Outputs> {
      const names = wanted ?? model.outputs.map(({ name }) => name);
      const all = await gated(feeds, options);
      const others = names.filter((name) => name !== layer);
      const outputs = others.length === 0 ? {} : await model.forward(all, others, options);
      return names.includes(layer) ? { ...outputs, [layer]: all[layer] as Tensor } : outputs;
    },
    async gradient({ feeds, objective, wrt, wanted }, options): Promise<GradientResult> {
      const all = await gated(feeds, options);
      const outer = wrt.filter((name) => name !== layer);
      const head = await model.gradient(
        { feeds: all, objective, wrt: [...outer, layer], ...(wanted !== undefined && { wanted }) },
        options,
      );
      const cotangent = maskRows(gate, head.gradients[layer] as Tensor);
      if (outer.length === 0 || feeds[layer] !== undefined) return head;
      const through = await model.pullback({ feeds, cotangents: { [layer]: cotangent }, wrt: outer }, options);
      const gradients = Object.fromEntries(
        outer.map((name) => [name, sumOf(head.gradients[name] as Tensor, through[name] as Tensor)]),
      );
      return { ...head, gradients: { ...head.gradients, ...gradients } };
    },
    async pullback({ feeds, cotangents, wrt }, options): Promise<Outputs> {
      const all = await gated(feeds, options);
      const outer = wrt.filter((name) => name !== layer);
      const head = await model.pullback({ feeds: all, cotangents, wrt: [...outer, layer] }, options);
      const through = await model.pullback(
        { feeds, cotangents: { [layer]: maskRows(gate, head[layer] as Tensor) }, wrt: outer },
        options,
      );
      return Object.fromEntries(
        wrt.map((name) =>
          name === layer ? [name, head[name] as Tensor] : [name, sumOf(head[name] as Tensor, through[name] as Tensor)],
        ),
      );
    },
    // The tensors behind the gate are not what the graph says, so no affine part of it is moved on its own.
    structure: (feeds) => ({ ...model.structure(feeds), affineFrontier: (moving) => moving }),
    dispose: () => {},
  };
}

function applyGate({ keep, replacement }: Gate, value: Tensor): Tensor {
  const data = toFloat64(value.data).slice();
  const size = keep.length;
  for (let i = 0; i < data.length; i++) {
    if (keep[i % size] === 0) data[i] = replacement[i % size];
  }
  return { ...value, data };
}

function maskRows({ keep }: Gate, value: Tensor): Tensor {
  return { ...value, data: toFloat64(value.data).map((v, i) => v * keep[i % keep.length]) };
}

function sumOf(a: Tensor, b: Tensor): Tensor {
  const other = toFloat64(b.data);
  return { ...a, data: toFloat64(a.data).map((v, i) => v + other[i]) };
}
