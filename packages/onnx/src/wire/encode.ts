import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { WIRE, type Field, type Located, type MessageType } from './decode.ts';

/** A message to write: fields of its type, all optional. */
export type Draft<T> = {
  readonly [K in Exclude<keyof T, keyof Located>]?: T[K] extends readonly (infer E)[]
    ? readonly DraftValue<E>[]
    : DraftValue<NonNullable<T[K]>>;
};
type DraftValue<V> = V extends Located ? Draft<V> : V;

/** Protobuf bytes of a message, by the same table that the decoder reads by. */
export function encode<T>(type: MessageType<T>, draft: Draft<T>): Uint8Array {
  const writer = new BinaryWriter();
  writeMessage(writer, type, draft);
  return writer.finish();
}

function writeMessage(writer: BinaryWriter, type: MessageType<unknown>, draft: object): void {
  const values = draft as Readonly<Record<string, unknown>>;
  for (const [name, field] of Object.entries<Field>(type.fields)) {
    const value = values[name];
    if (value === undefined) continue;
    for (const item of field.repeated ? (value as readonly unknown[]) : [value]) writeField(writer, field, item);
  }
}

function writeField(writer: BinaryWriter, { number, type }: Field, value: unknown): void {
  if (typeof type === 'function') {
    writer.tag(number, WIRE.bytes).fork();
    writeMessage(writer, type(), value as object);
    writer.join();
    return;
  }
  writer.tag(number, WIRE[type]);
  if (type === 'string') writer.string(value as string);
  else if (type === 'bytes') writer.bytes(value as Uint8Array);
  else if (type === 'float') writer.float(value as number);
  else if (type === 'int64') writer.int64(int64Of(value as number));
  else if (type === 'uint64') writer.uint64(value as number);
  else writer.int32(value as number);
}

/** Numbers that stand for the ends of int64 (2^63 - 1 is no float64) are brought into its range. */
function int64Of(value: number): number | bigint {
  return Number.isSafeInteger(value) ? value : BigInt.asIntN(64, saturated(value));
}

function saturated(value: number): bigint {
  if (value >= 2 ** 63) return 2n ** 63n - 1n;
  return value <= -(2 ** 63) ? -(2n ** 63n) : BigInt(Math.trunc(value));
}
