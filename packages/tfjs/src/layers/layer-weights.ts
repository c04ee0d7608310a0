import { PathwiseError, type Tensor } from '@pathwise/model';
import type { Weights } from '../files/weights.ts';
import type { KerasModel } from './topology/keras-model.ts';

/** A weight of a layer: its variable's name, and the parts of its path between the layer's name and that. */
interface OwnWeight {
  readonly name: string;
  readonly variable: string;
  readonly scope: string;
  /** The parts of its path before the layer's name. */
  readonly models: ReadonlySet<string>;
}

/**
 * Finds the weights of layers. A weight belongs to the last layer whose name is in its path: `model/dense/kernel` and
 * `gru/gru_cell/kernel` belong to `dense` and `gru`.
 */
export class WeightIndex {
  readonly #weights: Weights;
  readonly #byLayer = new Map<string, OwnWeight[]>();

  constructor(weights: Weights, model: KerasModel) {
    this.#weights = weights;
    const layers = namesIn(model);
    for (const name of weights.names) {
      const parts = name.split('/');
      const owner = ownerOf(parts, layers);
      if (owner === null) continue;
      const weight: OwnWeight = {
        name,
        variable: (parts.at(-1) as string).replace(/:\d+$/, ''),
        scope: parts.slice(owner.end, -1).join('/'),
        models: new Set(parts.slice(0, owner.start)),
      };
      const known = this.#byLayer.get(owner.layer);
      if (known === undefined) this.#byLayer.set(owner.layer, [weight]);
      else known.push(weight);
    }
  }

  /**
   * The weights of a layer.
   * @param path - names of the models around the layer, then its own
   */
  of(path: readonly string[], className: string): LayerWeights {
    const layer = path.at(-1) as string;
    let own = this.#byLayer.get(layer) ?? [];
    // Layers of one name in several models: the one whose models are in the path.
    const around = (weight: OwnWeight): number => path.filter((model) => weight.models.has(model)).length;
    const closest = Math.max(...own.map(around));
    own = own.filter((weight) => around(weight) === closest);
    return new LayerWeights(own, this.#weights, `layer "${path.join('/')}" (${className})`, layer);
  }
}

/** The weights of one layer, by the names of its variables. */
export class LayerWeights {
  readonly #own: readonly OwnWeight[];
  readonly #weights: Weights;
  readonly #where: string;
  readonly #layer: string;

  constructor(own: readonly OwnWeight[], weights: Weights, where: string, layer: string) {
    this.#own = own;
    this.#weights = weights;
    this.#where = where;
    this.#layer = layer;
  }

  /** The weights whose path, behind the layer's name, has a part that begins so: those of a wrapped layer. */
  within(prefix: string): LayerWeights {
    const own = this.#own.filter(({ scope }) => scope.split('/').some((part) => part.startsWith(prefix)));
    return new LayerWeights(own, this.#weights, `${this.#where}, ${prefix}`, this.#layer);
  }

  /** The k-th weight of each name: those of the k-th cell of a stack. */
  cell(k: number): LayerWeights {
    const seen = new Map<string, number>();
    const own = this.#own.filter(({ variable }) => {
      const count = seen.get(variable) ?? 0;
      seen.set(variable, count + 1);
      return count === k;
    });
    return new LayerWeights(own, this.#weights, `${this.#where}, cell ${k}`, this.#layer);
  }

  /** Whether there is a weight of one of these names. */
  has(...variables: readonly string[]): boolean {
    return this.#own.some(({ variable }) => variables.includes(variable));
  }

  /**
   * The weight of one of these names, of the rank given.
   * @throws PathwiseError BAD_FILE when there is none, or more than one, or it has another rank
   */
  get(variables: string | readonly string[], rank?: number): { readonly name: string; readonly tensor: Tensor } {
    const names = typeof variables === 'string' ? [variables] : variables;
    const found = this.#own.filter(({ variable }) => names.includes(variable));
    const [first] = found;
    const place = { node: this.#layer };
    if (first === undefined || found.length > 1) {
      const known = this.#own.map(({ name }) => name).join(', ') || 'none';
      const what = first === undefined ? 'there is no weight' : `there are ${found.length} weights`;
      throw new PathwiseError(
        'BAD_FILE',
        `${this.#where}: ${what} "${names.join('" or "')}"; its weights: ${known}`,
        place,
      );
    }
    const tensor = this.#weights.tensor(first.name);
    if (rank !== undefined && tensor.shape.length !== rank) {
      throw new PathwiseError(
        'BAD_FILE',
        `${this.#where}: expected weight "${first.name}" to have ${rank} axes, got shape [${tensor.shape.join(',')}]`,
        place,
      );
    }
    return { name: first.name, tensor };
  }
}

function namesIn(model: KerasModel, names: Set<string> = new Set()): Set<string> {
  for (const layer of model.layers.values()) {
    names.add(layer.name);
    if (layer.model !== null) namesIn(layer.model, names);
  }
  return names;
}

/** Slashes in the name of a layer, and one. */
const MOST_PARTS = 16;

/** The last layer name among the parts before the variable; a name may itself hold slashes. */
function ownerOf(
  parts: readonly string[],
  layers: ReadonlySet<string>,
): { layer: string; start: number; end: number } | null {
  for (let end = parts.length - 1; end > 0; end--) {
    for (let start = Math.max(0, end - MOST_PARTS); start < end; start++) {
      const layer = parts.slice(start, end).join('/');
      if (layers.has(layer)) return { layer, start, end };
    }
  }
  return null;
}
