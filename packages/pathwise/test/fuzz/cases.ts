import { caseSeed, mutate, randomStream } from './mutate.ts';
import { mutateJson } from './mutate-json.ts';
import { repairPng } from './repair-png.ts';
import { joinTfjs, splitTfjs } from './tfjs-seeds.ts';

/** A format under test: good files to start from, and how a file is read (and used, when it can be). */
export interface Target {
  readonly format: string;
  readonly seeds: readonly Uint8Array[];
  /** Throws for a bad file; says in a word what came out of a good one. */
  use(bytes: Uint8Array): Promise<string> | string;
}

/** What became of a case: a result, an error with a code, or a fault (any other exception). */
export type Outcome =
  | { readonly kind: 'result'; readonly what: string }
  | { readonly kind: 'error'; readonly code: string }
  | { readonly kind: 'fault'; readonly message: string };

/** The bytes of case number `index`; the same for the same seed, wherever it runs. */
export function caseBytes(target: Target, seed: number, index: number): Uint8Array {
  const random = randomStream(caseSeed(seed, target.format, index));
  const pick = (): Uint8Array => target.seeds[Math.floor(random() * target.seeds.length)] as Uint8Array;
  if (target.format === 'tfjs' && random() < 0.75) return mutatedTopology(pick(), random);
  const bytes = mutate(pick(), pick(), random);
  return target.format === 'png' && random() < 0.75 ? repairPng(bytes) : bytes;
}

/** A model whose model.json stays JSON. */
function mutatedTopology(bytes: Uint8Array, random: () => number): Uint8Array {
  const { json, weights } = splitTfjs(bytes);
  return joinTfjs(mutateJson(new TextDecoder().decode(json), random), weights);
}

/** Runs one case. */
export async function runCase(target: Target, seed: number, index: number): Promise<Outcome> {
  try {
    return { kind: 'result', what: await target.use(caseBytes(target, seed, index)) };
  } catch (error) {
    const code =
      error instanceof Error && 'code' in error && error.name === 'PathwiseError' ? String(error.code) : null;
    if (code !== null && code !== 'INTERNAL') return { kind: 'error', code };
    return { kind: 'fault', message: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
