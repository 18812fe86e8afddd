import {
  ATTRIBUTE_TYPE,
  DATA_TYPE,
  type AttributeMessage,
  type DataType,
  type DimensionMessage,
  type GraphMessage,
  type NodeMessage,
  type TensorMessage,
  type ValueInfoMessage,
} from './messages.ts';
import { utf8, type Tensor } from './tensor.ts';

type Attribute = number | string | readonly number[] | readonly string[] | GraphMessage;

/** A fixed size, the name of a size that varies, or null for an unknown one. */
export type Dimension = number | string | null;

export interface NodeOptions {
  readonly attributes?: Readonly<Record<string, Attribute>>;
  /** The operator's domain, unless it is a standard operator. */
  readonly domain?: string;
  /** The exact name of the node's output; otherwise one is made up from the operator's name. */
  readonly as?: string;
}

interface Shared {
  /** Names in use, with the number that the next one like it gets. */
  readonly taken: Map<string, number>;
  readonly initializers: TensorMessage[];
}

/** Collects the nodes of a graph in the order of their execution, and the constants they read. */
export class GraphBuilder {
  readonly #name: string;
  readonly #shared: Shared;
  readonly #isOuter: boolean;
  readonly #nodes: NodeMessage[] = [];
  readonly #inputs: ValueInfoMessage[] = [];
  readonly #outputs: ValueInfoMessage[] = [];

  private constructor(name: string, shared: Shared, isOuter: boolean) {
    this.#name = name;
    this.#shared = shared;
    this.#isOuter = isOuter;
  }

  /** @param reserved names of values that no made-up name may equal: the inputs and outputs */
  static outer(name: string, reserved: Iterable<string>): GraphBuilder {
    const taken = new Map(Array.from(reserved, (each) => [each, 2]));
    return new GraphBuilder(name, { taken, initializers: [] }, true);
  }

  /** A graph for a control-flow attribute. It sees the values of this one; constants are shared. */
  inner(name: string): GraphBuilder {
    return new GraphBuilder(name, this.#shared, false);
  }

  /** A name that no other value of the model has. */
  fresh(hint: string): string {
    const { taken } = this.#shared;
    let next = taken.get(hint);
    if (next === undefined) {
      taken.set(hint, 2);
      return hint;
    }
    while (taken.has(`${hint}_${next}`)) next += 1;
    taken.set(hint, next + 1);
    taken.set(`${hint}_${next}`, 2);
    return `${hint}_${next}`;
  }

  /** Declares a graph input under its exact name. */
  input(name: string, type: DataType, shape: readonly Dimension[]): string {
    this.#inputs.push(valueInfo(name, type, shape));
    return name;
  }

  /** Declares a value as a graph output; `doc` explains it to whoever opens the file. */
  output(name: string, type: DataType, shape: readonly Dimension[], doc?: string): void {
    const info = valueInfo(name, type, shape);
    this.#outputs.push(doc === undefined ? info : { ...info, docString: doc });
  }

  constant(hint: string, tensor: Tensor): string {
    const name = this.fresh(hint);
    this.#shared.initializers.push({ name, ...tensor });
    return name;
  }

  /** Appends a node with one output. An input '' stands for an optional one that is left out. */
  add(opType: string, inputs: readonly string[], options: NodeOptions = {}): string {
    const output = options.as ?? this.fresh(opType.toLowerCase());
    this.#nodes.push({
      name: `node_${output}`,
      opType,
      ...(options.domain !== undefined && { domain: options.domain }),
      input: inputs,
      output: [output],
      attribute: Object.entries(options.attributes ?? {}).map(attributeMessage),
    });
    return output;
  }

  build(): GraphMessage {
    return {
      name: this.#name,
      node: this.#nodes,
      initializer: this.#isOuter ? this.#shared.initializers : [],
      input: this.#inputs,
      output: this.#outputs,
    };
  }
}

function attributeMessage([name, value]: [string, Attribute]): AttributeMessage {
  if (typeof value === 'number') return { name, type: ATTRIBUTE_TYPE.int, i: value };
  if (typeof value === 'string') return { name, type: ATTRIBUTE_TYPE.string, s: utf8(value) };
  if (isNumbers(value)) return { name, type: ATTRIBUTE_TYPE.ints, ints: value };
  if (isStrings(value)) return { name, type: ATTRIBUTE_TYPE.strings, strings: value.map(utf8) };
  return { name, type: ATTRIBUTE_TYPE.graph, g: value };
}

function isNumbers(value: Attribute): value is readonly number[] {
  return Array.isArray(value) && typeof value[0] === 'number';
}

function isStrings(value: Attribute): value is readonly string[] {
  return Array.isArray(value) && typeof value[0] === 'string';
}

function valueInfo(name: string, type: DataType, shape: readonly Dimension[]): ValueInfoMessage {
  return {
    name,
    type: { tensorType: { elemType: DATA_TYPE[type], shape: { dim: shape.map(dimension) } } },
  };
}

function dimension(size: Dimension): DimensionMessage {
  if (size === null) return {};
  return typeof size === 'number' ? { dimValue: size } : { dimParam: size };
}
