import { fileError, PathwiseError } from '@pathwise/model';
import { checkPlanInfo, type PlanInfo } from './plan-info.ts';

/** "PWEP". A head of 64 bytes, the description as JSON, and from the next multiple of 64 on the plan of the core. */
const MAGIC = 0x50455750;
const FORMAT_VERSION = 1;
const HEAD = 64;
/** In the head: SHA-256 of all that follows the head. */
const HASH_AT = 32;
const ADVICE = 'Compile the model again, or copy the file again';

/** A plan file: head, description, plan. */
export async function writePlanFile(info: PlanInfo, plan: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const text = new TextEncoder().encode(JSON.stringify(info));
  const planAt = Math.ceil((HEAD + text.length) / 64) * 64;
  const file = new Uint8Array(planAt + plan.length);
  const head = new DataView(file.buffer);
  for (const [i, word] of [MAGIC, FORMAT_VERSION, text.length, planAt, plan.length].entries()) {
    head.setUint32(4 * i, word, true);
  }
  file.set(text, HEAD);
  file.set(plan, planAt);
  file.set(await sha256(file.subarray(HEAD)), HASH_AT);
  return file;
}

/**
 * The parts of a plan file; the plan is a view on it.
 * @throws PathwiseError BAD_FILE for what is no plan file, one of another version, cut short or altered
 */
export async function readPlanFile(
  file: Uint8Array | ArrayBuffer,
): Promise<{ readonly info: PlanInfo; readonly plan: Uint8Array }> {
  const bytes = file instanceof ArrayBuffer ? new Uint8Array(file) : file;
  if (bytes.length < HEAD) throw fileError('plan file', 'is cut short', {}, ADVICE);
  const head = new DataView(bytes.buffer, bytes.byteOffset, HEAD);
  const [magic, version, textBytes, planAt, planBytes] = [0, 1, 2, 3, 4].map((i) => head.getUint32(4 * i, true));
  if (magic !== MAGIC) throw fileError('plan file', 'is none (pathwise compile makes them)', { offset: 0 });
  if (version !== FORMAT_VERSION) {
    throw fileError('plan file', `has version ${version}, this is ${FORMAT_VERSION}`, { offset: 4 }, ADVICE);
  }
  if (HEAD + textBytes > planAt || planAt % 64 !== 0 || planAt + planBytes !== bytes.length) {
    throw fileError('plan file', `has ${bytes.length} bytes, which is not what its head says`, { offset: 8 }, ADVICE);
  }
  const hash = await sha256(bytes.subarray(HEAD));
  if (hash.some((byte, i) => byte !== bytes[HASH_AT + i])) {
    throw fileError('plan file', 'was altered: the SHA-256 is another', { offset: HASH_AT }, ADVICE);
  }
  const info = checkPlanInfo(parseText(bytes.subarray(HEAD, HEAD + textBytes)));
  return { info, plan: bytes.subarray(planAt) };
}

function parseText(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new PathwiseError('BAD_FILE', `plan file: the description is no JSON. ${ADVICE}`, {}, { cause });
  }
}

async function sha256(bytes: Uint8Array): Promise<Uint8Array> {
  // Pages from http:// other than localhost have none.
  const subtle = globalThis.crypto?.subtle as SubtleCrypto | undefined;
  if (subtle === undefined) {
    throw new PathwiseError('ENGINE_UNAVAILABLE', 'plan file: this host has no crypto.subtle. Serve the page by https');
  }
  return new Uint8Array(await subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>));
}
