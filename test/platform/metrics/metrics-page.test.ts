import { afterEach, describe, expect, it, vi } from 'vitest';

import { askedGauge } from '../../../platform/metrics/asked-gauge.ts';
import { createMetrics } from '../../../platform/metrics/create-metrics.ts';
import { keptFor } from '../../../platform/metrics/kept-answer.ts';
import { openMetricsDoor } from '../../../platform/metrics/metrics-door.ts';
import { createUnsignedEvents } from '../../../platform/metrics/unsigned-events.ts';

const create = () => createMetrics({ role: 'worker', version: '1' });
const HOST = { METRICS_HOST: '127.0.0.1' };

describe('the page of a process', () => {
  it('shows what others count beside its own, and does without them when they fail', async () => {
    const metrics = create();
    metrics.join(() => Promise.resolve('temporal_request_total 1\n'));
    metrics.join(() => Promise.reject(new Error('away')));
    const { contentType, text } = await metrics.page();
    expect(contentType).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(text).toContain('\ntemporal_request_total 1\n');
    expect(text).toContain('\nmlflow_experiments_total{status="completed"} 0\n');
    expect(text).toMatch(/\nprocess_resident_memory_bytes \d+/);
  });

  it('leaves out a gauge that nobody can tell the value of, and shows it again', async () => {
    const metrics = create();
    let away = false;
    metrics.experiments.activeBy(() => {
      if (away) throw new Error('Temporal is away');
      return [{ value: 3 }];
    });
    expect((await metrics.page()).text).toContain('\nmlflow_active_experiments 3\n');
    away = true;
    expect((await metrics.page()).text).not.toMatch(/^mlflow_active_experiments/m);
    away = false;
    expect((await metrics.page()).text).toContain('\nmlflow_active_experiments 3\n');
  });

  it('forgets the labels that a gauge no longer has', async () => {
    const metrics = create();
    let queue = 'steps';
    const about = { name: 'waiting', help: 'of a test', labelNames: ['queue'] } as const;
    askedGauge(metrics.registry, about, () => [{ labels: { queue }, value: 1 }]);
    await metrics.page();
    queue = 'training';
    const { text } = await metrics.page();
    expect(text.match(/^waiting.*$/gm)).toEqual(['waiting{queue="training"} 1']);
  });

  it('is behind METRICS_PORT, where there is nothing else', async () => {
    const door = await openMetricsDoor({ METRICS_PORT: 0, ...HOST }, create());
    const url = `http://127.0.0.1:${door!.port}`;
    const answer = await fetch(`${url}/metrics`);
    expect(answer.status).toBe(200);
    expect(await answer.text()).toContain('durable_experiments_build_info{role="worker"');
    expect((await fetch(`${url}/`)).status).toBe(404);
    expect((await fetch(`${url}/metrics`, { method: 'POST' })).status).toBe(404);
    await expect(openMetricsDoor({ METRICS_PORT: door!.port, ...HOST }, create())).rejects.toThrow(
      expect.objectContaining({ code: 'SETUP_FAILED' }),
    );
    await door!.stop();
    expect(await openMetricsDoor({ METRICS_PORT: undefined, ...HOST }, create())).toBeUndefined();
  });
});

describe('the age of unsigned events', () => {
  it('is that of the oldest since the last time that all was signed', () => {
    let now = 1000;
    const unsigned = createUnsignedEvents(() => now);
    expect(unsigned.seconds()).toBe(0);
    unsigned.appended();
    now = 6000;
    unsigned.appended();
    expect(unsigned.seconds()).toBe(5);
    const failing = unsigned.signing();
    failing(false);
    now = 8000;
    expect(unsigned.seconds()).toBe(7);
    const signing = unsigned.signing();
    now = 9000;
    unsigned.appended();
    expect(unsigned.seconds()).toBe(8);
    signing(true);
    now = 10_000;
    expect(unsigned.seconds()).toBe(1);
  });
});

describe('an answer that is kept', () => {
  afterEach(() => void vi.useRealTimers());

  it('is asked for once in its time, however many want it', async () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    let asked = 0;
    const count = keptFor(5000, () => Promise.resolve((asked += 1)));
    expect(await Promise.all([count(), count(), count()])).toEqual([1, 1, 1]);
    vi.advanceTimersByTime(5001);
    expect(await count()).toBe(2);
  });
});
