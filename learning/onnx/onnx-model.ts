import type { GraphBuilder } from './graph-builder.ts';
import { encodeModel } from './messages.ts';
import type { ModelInterface } from './model-interface.ts';

/** A model as an .onnx file, with what a caller must know to feed it. */
export interface OnnxModel extends ModelInterface {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const PRODUCER = 'durable-experiments';

/** A version of the file format with the operator sets that belong to it. */
export interface Format {
  readonly irVersion: number;
  readonly operatorSets: readonly { readonly domain: string; readonly version: number }[];
}

/** Wraps a finished graph; the file's metadata names the class of each probability. */
export function finishModel(
  graph: GraphBuilder,
  face: ModelInterface,
  about: { readonly docString: string; readonly format: Format },
): OnnxModel {
  const bytes = encodeModel({
    irVersion: about.format.irVersion,
    producerName: PRODUCER,
    docString: about.docString,
    graph: graph.build(),
    opsetImport: about.format.operatorSets,
    metadataProps: [{ key: 'classes', value: JSON.stringify(classOfOutput(face)) }],
  });
  return { ...face, bytes };
}

/** The class label by the name of the output that holds its probability. */
export function classOfOutput(
  face: Pick<ModelInterface, 'probabilityNames' | 'labels'>,
): Record<string, string | number | boolean> {
  return Object.fromEntries(
    face.probabilityNames.map((name, i) => [name, face.labels.values[i] as string]),
  );
}
