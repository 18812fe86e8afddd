import type { LabelType, LabelValue } from '../../schemas/dataset.ts';
import type { RawLabels } from './class-labels.ts';

/** Numbers labels by first appearance, for sources that hand over values rather than bytes. */
export interface ValueLabels {
  /** The number of a label, counted from 0; 1, “1” and true are three labels. */
  codeOf(label: LabelValue): number;
  readonly raw: () => RawLabels;
}

/** @param type of the labels where the source declares it */
export function createValueLabels(type?: LabelType): ValueLabels {
  const codes = new Map<LabelValue, number>();
  return {
    codeOf(label) {
      // Adding 0 makes one label of 0 and -0.
      const key = typeof label === 'number' ? label + 0 : label;
      let code = codes.get(key);
      if (code === undefined) codes.set(key, (code = codes.size));
      return code;
    },
    raw() {
      const values = [...codes.keys()];
      return type === undefined ? { values } : { values, type };
    },
  };
}
