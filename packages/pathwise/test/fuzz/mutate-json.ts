import type { Random } from './mutate.ts';

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const below = (random: Random, n: number): number => Math.floor(random() * n);

/** Values that readers may not expect. */
const ODD: readonly Json[] = [
  null,
  true,
  0,
  -1,
  1,
  2,
  3,
  0.5,
  7,
  1e4,
  2 ** 31,
  2 ** 53,
  1e300,
  '',
  '__proto__',
  'same',
  [],
  [1],
  [2, 2],
  [[1, 0]],
  {},
];

/** A place in a document: an element of a list or an object. */
interface Slot {
  readonly holder: Json[] | { [key: string]: Json };
  readonly key: string;
}

function slotsOf(json: Json, slots: Slot[] = []): Slot[] {
  if (typeof json !== 'object' || json === null) return slots;
  for (const key of Object.keys(json)) {
    slots.push({ holder: json, key });
    slotsOf((json as { [key: string]: Json })[key] as Json, slots);
  }
  return slots;
}

/**
 * A JSON text with one to four of its values exchanged, removed, doubled or made odd: it stays JSON, so that readers get
 * further than with other bytes. What is no JSON comes back as it is.
 */
export function mutateJson(text: string, random: Random): string {
  let json: Json;
  try {
    json = JSON.parse(text) as Json;
  } catch {
    return text;
  }
  for (let k = Math.floor(4 * random() ** 2); k >= 0; k--) {
    const slots = slotsOf(json);
    if (slots.length === 0) break;
    mutateSlot(slots[below(random, slots.length)] as Slot, slots, random);
  }
  return JSON.stringify(json);
}

function mutateSlot({ holder, key }: Slot, slots: readonly Slot[], random: Random): void {
  const values = holder as { [key: string]: Json };
  const own = values[key] as Json;
  const other = slots[below(random, slots.length)] as Slot;
  const copy = (json: Json): Json => JSON.parse(JSON.stringify(json)) as Json;
  const choice = below(random, 6);
  if (choice === 0 && typeof own === 'number') values[key] = own + [-1, 1, 2, 1000][below(random, 4)]!;
  else if (choice === 1) values[key] = copy((other.holder as { [key: string]: Json })[other.key] as Json);
  else if (choice === 2 && Array.isArray(holder)) holder.splice(Number(key), 1);
  else if (choice === 2) delete values[key];
  else if (choice === 3 && Array.isArray(holder)) holder.splice(Number(key), 0, copy(own));
  else values[key] = copy(ODD[below(random, ODD.length)] as Json);
}
