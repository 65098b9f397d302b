import { readSettings, SETTINGS } from '../../src/worker/settings';

describe('the settings of a worker', () => {
  test('have usual values, and an empty one counts as not set', () => {
    const usual = readSettings({});
    expect(usual).toMatchObject({ taskQueue: 'durable-resize', observeOnly: false, httpTimeout: 10_000 });
    expect(usual).toMatchObject({ maxActivities: 50, clouds: undefined, metricsAddress: undefined });
    expect(usual).toMatchObject({ stickyTimeout: 2000, maxCachedRuns: undefined });
    const empty = Object.fromEntries(Object.values(SETTINGS).map(({ variable }) => [variable, '']));
    expect(readSettings(empty)).toEqual(usual);
  });

  test.each([
    ['DURABLE_RESIZE_MODE', 'dry', /"act" or "observe"/],
    ['DURABLE_RESIZE_HTTP_TIMEOUT', '10', /a duration such as "90s"/],
    ['DURABLE_RESIZE_SETTLE_MARGIN', 'soon', /a duration/],
    ['DURABLE_RESIZE_START_TIMEOUT', '25 days', /at most an hour/],
    ['DURABLE_RESIZE_MAX_ACTIVITIES', '0', /whole number from 1 to 9999/],
    ['DURABLE_RESIZE_MAX_CACHED_RUNS', '1', /whole number from 2 to 99999/],
    ['DURABLE_RESIZE_METRICS_ADDRESS', '9464', /IP address and a port, such as 127\.0\.0\.1:9464/],
    ['DURABLE_RESIZE_METRICS_ADDRESS', 'localhost:9464', /IP address and a port/],
    ['DURABLE_RESIZE_METRICS_ADDRESS', '127.0.0.1:70000', /IP address and a port/],
    ['DURABLE_RESIZE_METRICS_ADDRESS', '127.0.0.1:0', /IP address and a port/],
    ['DURABLE_RESIZE_TASK_QUEUE', '/_sys/mine', /not in \/_sys\//],
    ['DURABLE_RESIZE_TASK_QUEUE', 'two words', /without spaces/],
    ['DURABLE_RESIZE_TASK_QUEUE', 'q'.repeat(201), /at most 200 characters/],
    ['DURABLE_RESIZE_CLOUDS', ' , ', /names of profiles/],
    ['DURABLE_RESIZE_CLOUDS', 'prod,a\nb', /names of profiles/],
  ])('%s=%s is refused with a sentence that names it', (name, value, sentence) => {
    const read = () => readSettings({ [name]: value });
    expect(read).toThrow(sentence);
    expect(read).toThrow(new RegExp(`^${name} must be `));
  });

  test.each(Object.values(SETTINGS).map(({ variable }) => variable))(
    '%s is never quoted: its value may be a secret',
    (name) => {
      const secret = 'pw-4711 \n /_sys/';
      expect(() => readSettings({ [name]: secret })).toThrow(/^(?!.*4711)/s);
    },
  );

  test.each(['0.0.0.0:9464', '[::1]:9464'])('metrics may be served at %s', (metricsAddress) => {
    expect(readSettings({ DURABLE_RESIZE_METRICS_ADDRESS: metricsAddress })).toMatchObject({ metricsAddress });
  });
});
