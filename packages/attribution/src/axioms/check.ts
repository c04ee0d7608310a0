import { PathwiseError, type DifferentiableModel, type Params } from '@pathwise/model';
import type { Method } from '../method.ts';
import { methodById } from '../methods/all.ts';
import { resolveParams } from '../params.ts';
import type { AttributionRequest } from '../request.ts';
import { checkSupport, looksAtTarget } from '../support.ts';
import { withRowAxes } from '../whole-inputs.ts';
import { checkAffineScale } from './affine-scale.ts';
import type { AxiomEntry, AxiomId, Finding } from './axiom.ts';
import { playerRows, worstEntries, type PlayersRow } from './check-players.ts';
import { checkCompleteness } from './completeness.ts';
import { checkDummy, type DummyModel } from './dummy.ts';
import { checkImplementationInvariance } from './implementation-invariance.ts';
import { checkLinearity } from './linearity.ts';
import { offTies } from './off-ties.ts';
import { checkNonDecreasing } from './non-decreasing.ts';
import { checkProportionality } from './proportionality.ts';
import { checkSensitivityA } from './sensitivity-a.ts';
import { subjectOf, type Subject } from './subject.ts';
import { checkSymmetry } from './symmetry.ts';

export interface CheckOptions {
  /** Default all that can be checked. */
  readonly axioms?: readonly AxiomId[] | undefined;
  /** One trial of each instead of eight. */
  readonly quick?: boolean | undefined;
  readonly seed?: number | undefined;
  /** What the engine computes in; default float64 for the reference engine, else float32. */
  readonly precision?: 'float64' | 'float32' | undefined;
  /** Models of the same function, for implementation invariance. */
  readonly equalModels?: readonly { readonly name: string; readonly model: DifferentiableModel }[] | undefined;
  /** Versions of the model that read some elements without depending on them, for the axiom of the dummy. */
  readonly dummyModels?: readonly DummyModel[] | undefined;
}

/** What was found for one method on one model at some rows. */
export interface Certificate {
  readonly method: string;
  readonly params: Params;
  readonly target: readonly string[];
  readonly rows: number;
  /** With a feature mask: the features that the axioms speak of are so many players. */
  readonly players?: number;
  readonly seed: number;
  readonly engine: string;
  readonly dtype: 'float64' | 'float32';
  readonly axioms: readonly AxiomEntry[];
  readonly evaluations: { readonly forward: number; readonly gradient: number };
}

const TRIALS = 8;
/** Relative deviation that rounding may cause at fixed nodes. */
const ROUNDING = { float64: 1e-12, float32: 1e-5 };

type Checks = Readonly<Partial<Record<AxiomId, (subject: Subject, options: Resolved) => Promise<Finding>>>>;
type Resolved = {
  readonly trials: number;
  readonly seed: number;
  readonly precision: 'float64' | 'float32';
} & Pick<CheckOptions, 'equalModels' | 'dummyModels'>;

const checks: Checks = {
  completeness: (subject, { trials, seed }) => checkCompleteness(subject, trials, seed),
  'sensitivity-a': (subject, { trials }) => checkSensitivityA(subject, trials),
  dummy: (subject, { trials, dummyModels }) => checkDummy(subject, trials, dummyModels),
  linearity: (subject) => checkLinearity(subject),
  symmetry: (subject, { trials, seed }) => checkSymmetry(subject, trials, seed),
  'implementation-invariance': (subject, { equalModels = [] }) => checkImplementationInvariance(subject, equalModels),
  'affine-scale-invariance': (subject, { trials, seed }) => checkAffineScale(subject, trials, seed),
  proportionality: (subject, { trials, seed }) => checkProportionality(subject, trials, seed),
  'non-decreasing-positivity': (subject, { trials, seed }) => checkNonDecreasing(subject, trials, seed),
};

/** What can be said of the part of an attribution that goes through one neuron. */
const ofParts: ReadonlySet<AxiomId> = new Set<AxiomId>([
  'dummy',
  'linearity',
  'implementation-invariance',
  'affine-scale-invariance',
]);

/** Axioms about the rows as they are: sums do not depend on which side of a kink a derivative is taken. */
const ofRows: ReadonlySet<AxiomId> = new Set<AxiomId>(['completeness', 'sensitivity-a']);

/** Axioms that can be checked. */
export const checkableAxioms: readonly AxiomId[] = Object.keys(checks) as AxiomId[];

/**
 * Checks axioms of a method on any model at the rows of a request. Algebraic axioms are compared at fixed nodes, sums
 * as the request asks to integrate.
 *
 * @throws PathwiseError BAD_ARGUMENT, UNSUPPORTED_METHOD as `attribute` does; CANCELLED
 * @source Sundararajan, Taly, Yan 2017, arXiv:1703.01365 (axioms); Lundstrom, Huang, Razaviyayn 2022, arXiv:2202.11912
 */
export async function checkAxioms(
  model: DifferentiableModel,
  method: string | Method,
  request: AttributionRequest,
  options: CheckOptions = {},
): Promise<Certificate> {
  const entry = typeof method === 'string' ? methodById(method) : method;
  checkSupport(model, entry, request);
  const chosen = { ...entry, ...entry.variant?.(resolveParams(entry.id, entry.params, request.params)) };
  if (request.featureMask !== undefined && chosen.takes.featureMask !== true) {
    throw new PathwiseError(
      'BAD_ARGUMENT',
      `${chosen.id} takes no featureMask. Leave it out, or choose another method`,
    );
  }
  const { quick = false, seed = 0, axioms = checkableAxioms } = options;
  const dtype = options.precision ?? (model.engine === 'reference' ? 'float64' : 'float32');
  const before = { ...model.counters };
  const subject = await subjectOf(model, chosen, request, ROUNDING[dtype]);
  const resolved = {
    trials: quick ? 1 : TRIALS,
    seed,
    precision: dtype,
    equalModels: options.equalModels,
    dummyModels: options.dummyModels,
  };
  const masked = request.featureMask === undefined ? null : playerRows(subject);
  const entries =
    masked === null
      ? await entriesOf(subject, axioms, resolved)
      : await entriesOfPlayers(masked.rows, chosen, axioms, resolved, ROUNDING[dtype]);
  return {
    method: chosen.id,
    params: resolveParams(chosen.id, chosen.params, request.params),
    target: subject.context.target.descriptions,
    rows: subject.context.rows,
    ...(masked === null ? {} : { players: masked.count }),
    seed,
    engine: model.engine,
    dtype,
    axioms: entries,
    evaluations: {
      forward: model.counters.forward - before.forward,
      gradient: model.counters.gradient - before.gradient,
    },
  };
}

async function entriesOf(subject: Subject, axioms: readonly AxiomId[], options: Resolved): Promise<AxiomEntry[]> {
  const entries: AxiomEntry[] = [];
  const isAlgebraic = (axiom: AxiomId): boolean => !ofRows.has(axiom);
  const guarded = axioms.some(isAlgebraic) ? await offTies(subject, options.precision, options.seed) : null;
  for (const axiom of axioms) {
    const claimed = subject.method.claims.includes(axiom);
    const isGuarded = guarded !== null && isAlgebraic(axiom);
    const finding = await find(isGuarded ? { ...subject, places: guarded.places } : subject, axiom, options);
    const note =
      isGuarded && finding.worst !== null && guarded.note !== '' ? `${finding.note}; ${guarded.note}` : finding.note;
    const isProved = claimed && finding.verdict === 'held' && holdsByConstruction(subject.method, axiom);
    entries.push({ axiom, claimed, ...finding, note, ...(isProved && { verdict: 'proved' }) });
  }
  return entries;
}

/** Row by row, on models whose features are the players; versions with hidden dummies read single elements and are left out. */
async function entriesOfPlayers(
  rows: readonly PlayersRow[],
  method: Method,
  axioms: readonly AxiomId[],
  options: Resolved,
  rounding: number,
): Promise<AxiomEntry[]> {
  const found: { readonly row: number; readonly axioms: readonly AxiomEntry[] }[] = [];
  for (const { row, modelOf, request } of rows) {
    const subject = await subjectOf(modelOf(), method, request, rounding);
    const equal = options.equalModels?.map(({ name, model }) => ({ name, model: modelOf(withRowAxes(model)) }));
    found.push({
      row,
      axioms: await entriesOf(subject, axioms, { ...options, equalModels: equal, dummyModels: undefined }),
    });
  }
  return worstEntries(found);
}

/** Of a claimed axiom: it does not matter how well an integral was computed. */
function holdsByConstruction({ takes, telescopes }: Method, axiom: AxiomId): boolean {
  const isAboutSums = axiom === 'completeness' || axiom === 'sensitivity-a';
  return !isAboutSums || takes.quadrature === false || telescopes === true;
}

async function find(subject: Subject, axiom: AxiomId, options: Resolved): Promise<Finding> {
  const check = checks[axiom];
  const nothing = { deviation: null, scale: null, tolerance: null, worst: null, trials: 0 };
  if (check === undefined)
    return { verdict: 'not-applicable', ...nothing, note: 'there is no check of this axiom yet' };
  if (!looksAtTarget(subject.method)) {
    return { verdict: 'not-applicable', ...nothing, note: 'the method does not look at the target' };
  }
  if (subject.method.takes.neuron === 'through' && !ofParts.has(axiom)) {
    return {
      verdict: 'not-applicable',
      ...nothing,
      note: 'a statement about the whole; the method gives one part of it',
    };
  }
  try {
    return await check(subject, options);
  } catch (error) {
    if (!(error instanceof PathwiseError) || error.code === 'CANCELLED') throw error;
    return { verdict: 'error', ...nothing, note: error.message };
  }
}
