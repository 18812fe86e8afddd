import { manyTexts } from '../test/support/many-texts.ts';

/** Hundreds of iterations. */
export const HEAVY_PARAMS = { C: 1e6, tol: 1e-12, max_iter: 400 };

/** Texts whose training takes far longer on one core than all other steps of the experiment. */
export const heavyTexts = () => manyTexts(20_000, { words: 30, vocabulary: 3000 });
