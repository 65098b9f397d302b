/** A profile's limit is for all that the workers send: activities, and the lists of the watcher. */
import fc from 'fast-check';
import { USUAL_REQUESTS } from '../../src/activities/request-effect';
import { tickOf } from '../../src/resize/changes';
import { activitiesPerSecond } from '../../src/worker/activities-per-second';

it('the activities and the lists of the watcher together keep to the limit', () => {
  const limits = fc.double({ min: 1, max: 1000, noNaN: true });
  fc.assert(
    fc.property(limits, fc.constantFrom(1, 3), (perSecond, requests) => {
      const lists = (1000 / tickOf(true, 0, { perSecond, requests })) * requests;
      expect(activitiesPerSecond(perSecond, true) * USUAL_REQUESTS + lists).toBeLessThanOrEqual(perSecond + 1e-6);
    }),
  );
});

it('without the watcher the activities have all of it', () => {
  expect(activitiesPerSecond(40, false) * USUAL_REQUESTS).toBe(40);
});
