/** Messages to and from peer-process.ts. */

interface Table {
  readonly x: readonly (readonly number[])[];
  readonly y: readonly number[];
}

export interface TablePeerInput {
  readonly train: Table;
  readonly test: Table;
  readonly steps: number;
  readonly learningRate: number;
}

interface LabelledText {
  readonly text: string;
  readonly label: string;
}

export interface TextPeerInput {
  readonly train: readonly LabelledText[];
  readonly test: readonly LabelledText[];
}

export type PeerMessage =
  | { readonly task: 'regression'; readonly input: TablePeerInput }
  | { readonly task: 'tfidf' | 'text-classifier'; readonly input: TextPeerInput };

export interface PeerAnswer {
  readonly seconds: number;
  /** On the test rows, where there is something to predict. */
  readonly accuracy?: number;
}
