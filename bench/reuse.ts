import { writeDemoData } from '../examples/demo-data.ts';
import type { Bench } from './bench.ts';
import { inSeconds, judged, timeRow, type Row } from './results.ts';
import { agreeOn, takeTurns } from './side-by-side.ts';

/** A finished run used again, in turn with computing it. */
export async function measureReuse(bench: Bench): Promise<Row[]> {
  await writeDemoData(bench.dataRoot);
  const small = { kind: 'file', path: 'train.csv', target: 'label' };
  const large = { kind: 'file', path: await bench.data('rows-1m.csv'), target: 'label' };
  const ofSmall = await compare(bench, 'train.csv (400 x 3)', small, 15);
  const ofLarge = await compare(bench, '1 000 000 x 20 CSV', large, 3);
  return [
    {
      ...{ what: 'train.csv (400 x 3), reused', rounds: ofSmall.rounds },
      ...{ ours: inSeconds(ofSmall.ours), other: '0.300 s (the bar)' },
      ...judged(ofSmall.ours.median / 0.3, 1),
    },
    timeRow('1 000 000 x 20 CSV: reused, computed', ofLarge, 0.2),
  ];
}

async function compare(bench: Bench, what: string, source: object, rounds: number) {
  const product = await bench.product();
  const request = { experiment_name: 'bench-reuse', source };
  await product.run(request);
  return takeTurns({
    what: `${what}: reused, computed`,
    rounds: bench.rounds(rounds),
    say: bench.say,
    ours: () => product.run({ ...request, reuse: true }),
    other: () => product.run(request),
    agree: (ours, other) =>
      agreeOn('accuracy', ours.metrics['accuracy'], other.metrics['accuracy']),
  });
}
