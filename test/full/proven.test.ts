import { startTemporalWithLogin } from '../identity/temporal-with-login';
test('starts', async () => {
  const t0 = Date.now();
  const server = await startTemporalWithLogin();
  console.log(server.address, Date.now() - t0);
  await server.stop();
});
