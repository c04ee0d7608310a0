import type { Located, MessageType } from './decode.ts';

// The messages of ONNX files that are needed to import a model, with their field numbers.
// Source: onnx.proto of ONNX, IR version 13. Optional fields that are absent in the file are undefined.

export interface ModelProto extends Located {
  readonly irVersion?: number;
  readonly opsetImports: readonly OpsetProto[];
  readonly producer?: string;
  readonly graph?: GraphProto;
  readonly functions: readonly FunctionProto[];
}

export interface OpsetProto extends Located {
  readonly domain?: string;
  readonly version?: number;
}

export interface GraphProto extends Located {
  readonly nodes: readonly NodeProto[];
  readonly name?: string;
  readonly initializers: readonly TensorProto[];
  readonly sparseInitializers: readonly SparseTensorProto[];
  readonly inputs: readonly ValueInfoProto[];
  readonly outputs: readonly ValueInfoProto[];
  readonly valueInfos: readonly ValueInfoProto[];
}

export interface NodeProto extends Located {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly name?: string;
  readonly op?: string;
  readonly attributes: readonly AttributeProto[];
  readonly domain?: string;
  readonly overload?: string;
}

export interface AttributeProto extends Located {
  readonly name?: string;
  readonly type?: number;
  readonly float?: number;
  readonly int?: number;
  readonly string?: Uint8Array;
  readonly tensor?: TensorProto;
  readonly graph?: GraphProto;
  readonly floats: readonly number[];
  readonly ints: readonly number[];
  readonly strings: readonly Uint8Array[];
  readonly referTo?: string;
}

/** The elements stay in the file until they are asked for (readTensor). */
export interface TensorProto extends Located {
  readonly dims: readonly number[];
  readonly dataType?: number;
  readonly segment?: Uint8Array;
  readonly name?: string;
  readonly rawData?: Uint8Array;
  readonly externalData: readonly EntryProto[];
  readonly dataLocation?: number;
}

export interface EntryProto extends Located {
  readonly key?: string;
  readonly value?: string;
}

export interface SparseTensorProto extends Located {
  readonly values?: TensorProto;
}

export interface ValueInfoProto extends Located {
  readonly name?: string;
  readonly type?: TypeProto;
}

/** Exactly one field is set; all but `tensor` are refused. */
export interface TypeProto extends Located {
  readonly tensor?: TensorTypeProto;
  readonly sequence?: Uint8Array;
  readonly map?: Uint8Array;
  readonly optional?: Uint8Array;
  readonly sparse?: Uint8Array;
}

export interface TensorTypeProto extends Located {
  readonly elementType?: number;
  readonly shape?: ShapeProto;
}

export interface ShapeProto extends Located {
  readonly dims: readonly DimensionProto[];
}

export interface DimensionProto extends Located {
  readonly value?: number;
  readonly symbol?: string;
}

export interface FunctionProto extends Located {
  readonly name?: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly string[];
  readonly nodes: readonly NodeProto[];
  readonly opsetImports: readonly OpsetProto[];
  readonly domain?: string;
  readonly attributeDefaults: readonly AttributeProto[];
  readonly overload?: string;
}

export const modelType: MessageType<ModelProto> = {
  name: 'model',
  fields: {
    irVersion: { number: 1, type: 'int64' },
    producer: { number: 2, type: 'string' },
    graph: { number: 7, type: () => graphType },
    opsetImports: { number: 8, type: () => opsetType, repeated: true },
    functions: { number: 25, type: () => functionType, repeated: true },
  },
};

const opsetType: MessageType<OpsetProto> = {
  name: 'operator set',
  fields: { domain: { number: 1, type: 'string' }, version: { number: 2, type: 'int64' } },
};

const graphType: MessageType<GraphProto> = {
  name: 'graph',
  fields: {
    nodes: { number: 1, type: () => nodeType, repeated: true },
    name: { number: 2, type: 'string' },
    initializers: { number: 5, type: () => tensorType, repeated: true },
    inputs: { number: 11, type: () => valueInfoType, repeated: true },
    outputs: { number: 12, type: () => valueInfoType, repeated: true },
    valueInfos: { number: 13, type: () => valueInfoType, repeated: true },
    sparseInitializers: { number: 15, type: () => sparseTensorType, repeated: true },
  },
};

const nodeType: MessageType<NodeProto> = {
  name: 'node',
  fields: {
    inputs: { number: 1, type: 'string', repeated: true },
    outputs: { number: 2, type: 'string', repeated: true },
    name: { number: 3, type: 'string' },
    op: { number: 4, type: 'string' },
    attributes: { number: 5, type: () => attributeType, repeated: true },
    domain: { number: 7, type: 'string' },
    overload: { number: 8, type: 'string' },
  },
};

const attributeType: MessageType<AttributeProto> = {
  name: 'attribute',
  fields: {
    name: { number: 1, type: 'string' },
    float: { number: 2, type: 'float' },
    int: { number: 3, type: 'int64' },
    string: { number: 4, type: 'bytes' },
    tensor: { number: 5, type: () => tensorType },
    graph: { number: 6, type: () => graphType },
    floats: { number: 7, type: 'float', repeated: true },
    ints: { number: 8, type: 'int64', repeated: true },
    strings: { number: 9, type: 'bytes', repeated: true },
    type: { number: 20, type: 'int32' },
    referTo: { number: 21, type: 'string' },
  },
};

/** Exported for tests that write tensors. */
export const tensorType: MessageType<TensorProto> = {
  name: 'tensor',
  fields: {
    dims: { number: 1, type: 'int64', repeated: true },
    dataType: { number: 2, type: 'int32' },
    segment: { number: 3, type: 'bytes' },
    name: { number: 8, type: 'string' },
    rawData: { number: 9, type: 'bytes' },
    externalData: { number: 13, type: () => entryType, repeated: true },
    dataLocation: { number: 14, type: 'int32' },
  },
};

const entryType: MessageType<EntryProto> = {
  name: 'entry',
  fields: { key: { number: 1, type: 'string' }, value: { number: 2, type: 'string' } },
};

const sparseTensorType: MessageType<SparseTensorProto> = {
  name: 'sparse tensor',
  fields: { values: { number: 1, type: () => tensorType } },
};

const valueInfoType: MessageType<ValueInfoProto> = {
  name: 'value info',
  fields: { name: { number: 1, type: 'string' }, type: { number: 2, type: () => typeType } },
};

const typeType: MessageType<TypeProto> = {
  name: 'type',
  fields: {
    tensor: { number: 1, type: () => tensorTypeType },
    sequence: { number: 4, type: 'bytes' },
    map: { number: 5, type: 'bytes' },
    sparse: { number: 8, type: 'bytes' },
    optional: { number: 9, type: 'bytes' },
  },
};

const tensorTypeType: MessageType<TensorTypeProto> = {
  name: 'tensor type',
  fields: { elementType: { number: 1, type: 'int32' }, shape: { number: 2, type: () => shapeType } },
};

const shapeType: MessageType<ShapeProto> = {
  name: 'shape',
  fields: { dims: { number: 1, type: () => dimensionType, repeated: true } },
};

const dimensionType: MessageType<DimensionProto> = {
  name: 'dimension',
  fields: { value: { number: 1, type: 'int64' }, symbol: { number: 2, type: 'string' } },
};

const functionType: MessageType<FunctionProto> = {
  name: 'function',
  fields: {
    name: { number: 1, type: 'string' },
    inputs: { number: 4, type: 'string', repeated: true },
    outputs: { number: 5, type: 'string', repeated: true },
    attributes: { number: 6, type: 'string', repeated: true },
    nodes: { number: 7, type: () => nodeType, repeated: true },
    opsetImports: { number: 9, type: () => opsetType, repeated: true },
    domain: { number: 10, type: 'string' },
    attributeDefaults: { number: 11, type: () => attributeType, repeated: true },
    overload: { number: 13, type: 'string' },
  },
};
