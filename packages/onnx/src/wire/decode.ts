import { BinaryReader, WireType } from '@bufbuild/protobuf/wire';
import { fileError } from '@pathwise/model';
import { limitError, type OnnxLimits } from '../limits.ts';

/** Protobuf types that ONNX's messages use; enums are int32. */
export type Scalar = 'int32' | 'int64' | 'uint64' | 'float' | 'string' | 'bytes';

/** One field of a message: its number and type, single or repeated. */
export interface Field {
  readonly number: number;
  readonly type: Scalar | (() => MessageType<unknown>);
  readonly repeated?: true;
}

/** A message's name and fields; fields that are not listed are skipped. */
export interface MessageType<T> {
  readonly name: string;
  readonly fields: Readonly<Record<Exclude<keyof T, keyof Located>, Field>>;
}

/** Where a message lies in the file: the bytes [start, end). */
export interface Located {
  readonly start: number;
  readonly end: number;
}

/** Decodes a protobuf message by a table of its fields. Bytes fields are views of the file. */
export class Decoder {
  readonly #file: Uint8Array;
  readonly #label: string;
  readonly #limits: OnnxLimits;
  readonly #byNumber = new Map<MessageType<unknown>, Map<number, [string, Field]>>();
  #messages = 0;
  #elements = 0;

  constructor(file: Uint8Array, label: string, limits: OnnxLimits) {
    this.#file = file;
    this.#label = label;
    this.#limits = limits;
  }

  /**
   * The message in the bytes [start, end) of the file.
   * @throws PathwiseError BAD_FILE with the offset; LIMIT_EXCEEDED
   */
  decode<T>(type: MessageType<T>, start = 0, end: number = this.#file.length, depth = 0): T & Located {
    if (depth > this.#limits.depth) {
      throw limitError('depth', `${this.#label}: messages nested more than ${depth - 1} deep`, this.#limits.depth, {
        file: this.#label,
        offset: start,
      });
    }
    if (++this.#messages > this.#limits.messages) {
      throw limitError(
        'messages',
        `${this.#label}: more than ${this.#limits.messages} messages`,
        this.#limits.messages,
        {
          file: this.#label,
        },
      );
    }
    const table = this.#table(type);
    const message: Record<string, unknown> = { start, end };
    for (const [name, field] of table.values()) if (field.repeated) message[name] = [];
    const reader = new BinaryReader(this.#file.subarray(start, end));
    while (reader.pos < reader.len) {
      const at = start + reader.pos;
      try {
        const [number, wire] = reader.tag();
        const entry = table.get(number);
        if (entry === undefined) reader.skip(wire, number);
        else this.#readField(reader, message, entry, wire, start, depth);
        assertInside(reader);
      } catch (cause) {
        if (!(cause instanceof Error) || cause.name === 'PathwiseError') throw cause;
        throw fileError(
          this.#label,
          `not a well-formed ${type.name} (${cause.message})`,
          { offset: at },
          'The file is damaged, truncated or not an ONNX model',
        );
      }
    }
    return message as T & Located;
  }

  #readField(
    reader: BinaryReader,
    message: Record<string, unknown>,
    [name, field]: [string, Field],
    wire: WireType,
    base: number,
    depth: number,
  ): void {
    const { type } = field;
    if (typeof type === 'function') {
      expectWire(wire, WireType.LengthDelimited, name);
      const length = reader.uint32();
      const from = base + reader.pos;
      reader.pos += length;
      assertInside(reader);
      this.#store(message, name, field, this.decode(type(), from, from + length, depth + 1));
      return;
    }
    if (field.repeated && wire === WireType.LengthDelimited && WIRE[type] !== WireType.LengthDelimited) {
      const packed = new BinaryReader(reader.bytes());
      while (packed.pos < packed.len) this.#store(message, name, field, readScalar(packed, type));
      assertInside(packed);
      return;
    }
    expectWire(wire, WIRE[type], name);
    this.#store(message, name, field, readScalar(reader, type));
  }

  #store(message: Record<string, unknown>, name: string, field: Field, value: unknown): void {
    if (!field.repeated) {
      message[name] = value;
      return;
    }
    if (++this.#elements > this.#limits.listElements) {
      throw limitError('listElements', `${this.#label}: too many list elements`, this.#limits.listElements, {
        file: this.#label,
      });
    }
    (message[name] as unknown[]).push(value);
  }

  #table(type: MessageType<unknown>): Map<number, [string, Field]> {
    let table = this.#byNumber.get(type);
    if (table === undefined) {
      table = new Map(Object.entries<Field>(type.fields).map((entry) => [entry[1].number, entry]));
      this.#byNumber.set(type, table);
    }
    return table;
  }
}

/** How each type is stored. */
export const WIRE: Readonly<Record<Scalar, WireType>> = {
  int32: WireType.Varint,
  int64: WireType.Varint,
  uint64: WireType.Varint,
  float: WireType.Bit32,
  string: WireType.LengthDelimited,
  bytes: WireType.LengthDelimited,
};

/** Some of the reader's methods move past the end without a word. */
export function assertInside(reader: BinaryReader): void {
  if (reader.pos > reader.len) throw new RangeError('it ends too early');
}

function expectWire(wire: WireType, expected: WireType, field: string): void {
  if (wire !== expected) throw new Error(`field ${field} has wire type ${wire}, expected ${expected}`);
}

/** 64-bit integers become numbers: above 2^53 they are rounded. */
function readScalar(reader: BinaryReader, type: Scalar): number | string | Uint8Array {
  switch (type) {
    case 'int32':
      return reader.int32();
    case 'int64':
      return Number(reader.int64());
    case 'uint64':
      return Number(reader.uint64());
    case 'float':
      return reader.float();
    case 'string':
      return reader.string();
    case 'bytes':
      return reader.bytes();
  }
}
