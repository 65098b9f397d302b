import { AKSKSigner } from '@huaweicloud/huaweicloud-sdk-core/auth/AKSKSigner';
import fc from 'fast-check';
import { sign } from '../../../src/cloud/auth/huawei-signature';
import { isSigned } from '../../../src/simulator/huawei/signature';
import { demoKeys } from '../../../src/simulator/identity/users';

const { accessKey, secretKey } = demoKeys;

const requests = fc.record({
  method: fc.constantFrom('GET', 'POST'),
  segments: fc.array(fc.stringMatching(/^[A-Za-z0-9_~-]{1,12}$/), { minLength: 1, maxLength: 5 }),
  query: fc.dictionary(fc.stringMatching(/^[a-z_-]{1,8}$/), fc.stringMatching(/^[A-Za-z0-9 :+/=*'()!ü€-]{0,12}$/), {
    maxKeys: 4,
    noNullPrototype: true,
  }),
  body: fc.option(fc.record({ resize: fc.record({ flavorRef: fc.string({ unit: 'grapheme' }) }) })),
  securityToken: fc.option(fc.stringMatching(/^[A-Za-z0-9+/=]{1,40}$/)),
  now: fc.integer({ min: 1_500_000_000_000, max: 2_500_000_000_000 }),
});

interface Made {
  method: string;
  url: string;
  path: string;
  search: string;
  body: string;
  headers: Record<string, string>;
}

function made({
  method,
  segments,
  query,
  body,
  securityToken,
}: typeof requests extends fc.Arbitrary<infer T> ? T : never): Made {
  const path = `/v2.1/${segments.join('/')}`;
  const search = new URLSearchParams(query).toString();
  const url = `https://ecs.example.com:8443${path}${search === '' ? '' : `?${search}`}`;
  const headers = {
    'X-Project-Id': 'p',
    'content-type': 'application/json',
    'OpenStack-API-Version': 'compute 2.46',
    'X-OpenStack-Nova-API-Version': '2.46',
    ...(securityToken !== null && { 'X-Security-Token': securityToken }),
  };
  return { method, url, path, search, body: body === null ? '' : JSON.stringify(body), headers };
}

it('signs every request as the signer of the vendor does', () => {
  fc.assert(
    fc.property(requests, (request) => {
      const { method, url, path, headers, body } = made(request);
      const ours = sign({ method, url, headers, body }, accessKey, secretKey, request.now);
      const theirs = AKSKSigner.sign(
        {
          endpoint: `https://ecs.example.com:8443${path}`,
          method,
          headers: { ...headers, 'X-Sdk-Date': ours['X-Sdk-Date'] },
          queryParams: request.query,
          ...(request.body !== null && { data: request.body }),
        },
        { getAk: () => accessKey, getSk: () => secretKey } as Parameters<typeof AKSKSigner.sign>[1],
      ) as Record<string, string>;
      expect(ours['Authorization']).toBe(theirs['Authorization']);
    }),
  );
});

it('the simulator takes what is signed, and nothing that was changed on the way or is old', () => {
  fc.assert(
    fc.property(requests, (request) => {
      const { method, url, path, search, headers, body } = made(request);
      const signed = Object.entries(sign({ method, url, headers, body }, accessKey, secretKey, request.now));
      const header = (name: string) => signed.find(([key]) => key.toLowerCase() === name)?.[1];
      const arrived = { method, path, query: search, body };
      expect(isSigned(arrived, header, request.now)).toBe(true);
      expect(isSigned({ ...arrived, body: `${body} ` }, header, request.now)).toBe(false);
      expect(isSigned({ ...arrived, path: `${path}x` }, header, request.now)).toBe(false);
      expect(isSigned({ ...arrived, method: 'DELETE' }, header, request.now)).toBe(false);
      expect(isSigned(arrived, header, request.now + 16 * 60_000)).toBe(false);
    }),
  );
});

it('a path counts as what it means, however it is escaped', () => {
  // The vendor's guide and its signers for other languages escape what was unescaped first; the one for Node, which is
  // given ids and no escaped paths, would escape twice.
  for (const segment of ['a b', 'f(1)*', "it's", 'größer', '100%', 'a+b', '~']) {
    const path = `/v2.1/flavors/${encodeURIComponent(segment)}`;
    const request = { method: 'GET', url: `https://ecs.example.com${path}`, headers: {}, body: '' };
    const signed = Object.entries(sign(request, accessKey, secretKey, Date.now()));
    const header = (name: string) => signed.find(([key]) => key.toLowerCase() === name)?.[1];
    for (const arrived of [path, path.replaceAll('(', '%28').replaceAll('~', '%7E')]) {
      expect(isSigned({ method: 'GET', path: arrived, query: '', body: '' }, header)).toBe(true);
    }
  }
});
