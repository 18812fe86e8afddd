// Trains on texts without a service, again and again: prints the seconds that one training takes when it is warm.
import { fitLogisticRegression } from '../learning/logistic-regression/fit.ts';
import { fitTfidf } from '../learning/tfidf/tfidf.ts';
import { HEAVY_PARAMS, heavyTexts } from './heavy-training.ts';

const ROUNDS = 3;

const texts = heavyTexts();
const codes = Int32Array.from(texts, ({ label }) => label);
const { matrix } = fitTfidf(texts.map(({ text }) => text));
const train = () =>
  fitLogisticRegression({ matrix, codes, classCount: 3 }, { params: HEAVY_PARAMS });
train();
const startedAt = performance.now();
for (let i = 0; i < ROUNDS; i++) train();
console.log((performance.now() - startedAt) / 1000 / ROUNDS);
