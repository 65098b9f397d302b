import { isDeserted } from '../../src/client/task-queue';

/** Temporal lists the workers that polled the first partition of a queue; busy ones may poll only the others. */
describe('a task queue', () => {
  const name = 'durable-resize-prod';

  it('is deserted when no worker polled it since then and no task is taken from it', () => {
    expect(isDeserted({ name, lastPoll: 999 }, 1000)).toBe(true);
    expect(isDeserted({ name, lastPoll: 999, backlog: 5, dispatchRate: 0 }, 1000)).toBe(true);
    expect(isDeserted({ name })).toBe(true);
  });

  it('is not deserted while workers poll it', () => {
    expect(isDeserted({ name, lastPoll: 1000, backlog: 5, dispatchRate: 0 }, 1000)).toBe(false);
    expect(isDeserted({ name, lastPoll: 1 })).toBe(false);
  });

  it('is not deserted while tasks are taken from it, whoever is listed', () => {
    expect(isDeserted({ name, lastPoll: 999, dispatchRate: 0.03 }, 1000)).toBe(false);
    expect(isDeserted({ name, dispatchRate: 2 })).toBe(false);
  });
});
