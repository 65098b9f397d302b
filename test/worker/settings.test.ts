import { readSettings } from '../../src/worker/settings';

describe('the settings of a worker', () => {
  test('have usual values, and an empty one counts as not set', () => {
    const usual = readSettings({});
    expect(usual).toMatchObject({ taskQueue: 'durable-resize', brake: false, httpTimeout: 10_000, maxActivities: 50 });
    expect(usual).not.toHaveProperty('clouds');
    expect(usual).not.toHaveProperty('metricsAddress');
    const empty = Object.fromEntries(
      ['TASK_QUEUE', 'CLOUDS', 'MODE', 'HTTP_TIMEOUT', 'MAX_ACTIVITIES', 'METRICS_ADDRESS'].map((name) => [
        `DURABLE_RESIZE_${name}`,
        '',
      ]),
    );
    expect(readSettings(empty)).toEqual(usual);
  });

  test.each([
    ['DURABLE_RESIZE_MODE', 'dry', /is not a mode/],
    ['DURABLE_RESIZE_HTTP_TIMEOUT', '10', /10/],
    ['DURABLE_RESIZE_SETTLE_MARGIN', 'soon', /soon/],
    ['DURABLE_RESIZE_MAX_ACTIVITIES', '0', /whole number from 1 to 9999/],
    ['DURABLE_RESIZE_METRICS_ADDRESS', '9464', /IP address and a port, such as 127\.0\.0\.1:9464/],
    ['DURABLE_RESIZE_METRICS_ADDRESS', 'localhost:9464', /IP address and a port/],
    ['DURABLE_RESIZE_METRICS_ADDRESS', '127.0.0.1:70000', /IP address and a port/],
    ['DURABLE_RESIZE_METRICS_ADDRESS', '127.0.0.1:0', /IP address and a port/],
  ])('%s=%s is refused with a sentence that names it', (name, value, sentence) => {
    const read = () => readSettings({ [name]: value });
    expect(read).toThrow(sentence);
    expect(read).toThrow(new RegExp(`^${name}`));
  });

  test.each(['0.0.0.0:9464', '[::1]:9464'])('metrics may be served at %s', (metricsAddress) => {
    expect(readSettings({ DURABLE_RESIZE_METRICS_ADDRESS: metricsAddress })).toMatchObject({ metricsAddress });
  });
});
