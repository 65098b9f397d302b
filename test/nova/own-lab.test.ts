import axios from 'axios';
import { startNova, until } from './harness';

test('a lab of its own has tokens that expire, and leaves nothing behind when it is stopped', async () => {
  const { lab, stop } = await startNova({ tokenTtl: 4, name: 'own' });
  const { authUrl, computeUrl } = lab.addresses;
  try {
    const headers = { 'X-Auth-Token': await lab.token('demo') };
    const status = async (): Promise<number> =>
      (await axios.get(`${computeUrl}/servers`, { headers, validateStatus: () => true })).status;
    expect(await status()).toBe(200);
    await until('the token to expire', async () => ((await status()) === 401 ? true : undefined));
  } finally {
    await stop();
  }
  await expect(axios.get(authUrl)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await expect(axios.get(computeUrl)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});
