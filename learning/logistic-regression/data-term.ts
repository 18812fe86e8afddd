import type { Work } from '../parallel/crew.ts';
import { denseWork } from './dense-term.ts';
import type { DenseTerm } from './dense-term.ts';
import { sparseWork } from './sparse-term.ts';
import type { SparseTerm } from './sparse-term.ts';

/** The mean loss over the rows and its gradient: everything evaluating it needs, in shared memory. */
export type DataTerm = DenseTerm | SparseTerm;

/** The evaluation of a data term, cut into parts; each thread makes its own from the same term. */
export const createWork = (term: DataTerm): Work =>
  term.kind === 'dense' ? denseWork(term) : sparseWork(term);
