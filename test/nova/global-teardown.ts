import stopTemporal from '../global-teardown';

export default async function tearDown(): Promise<void> {
  await globalThis.startedNova?.stop();
  await stopTemporal();
}
