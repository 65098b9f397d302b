/** The way to a cloud through a proxy, as the environment names it: HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY. */
import type { AxiosProxyConfig } from 'axios';
import { getProxyForUrl } from 'proxy-from-env';

import { present } from '../../resize/present';
import { Secret } from '../auth/secret';

/** A proxy, and how it is named in messages. */
export interface Proxy {
  /** Scheme, host and port; never the credentials in it. */
  origin: string;
  /** The credentials in its URL, to take out of whatever is answered. */
  secret?: Secret;
  config: AxiosProxyConfig;
}

const VARIABLES = ['http_proxy', 'https_proxy', 'all_proxy'].flatMap((name) => [name, name.toUpperCase()]);

/**
 * The proxy that a request to this address goes through; undefined for none.
 * @throws TypeError when the environment names one that is no URL; its text is not in the message
 */
export function proxyFor(url: string): Proxy | undefined {
  const named = getProxyForUrl(url);
  if (named === '') return undefined;
  const proxy = parsed(withScheme(named));
  const auth =
    proxy.username === ''
      ? undefined
      : { username: decodeURIComponent(proxy.username), password: decodeURIComponent(proxy.password) };
  return present({
    origin: `${proxy.protocol}//${proxy.host}`,
    secret: auth === undefined || auth.password === '' ? undefined : new Secret(auth.password),
    config: present({
      protocol: proxy.protocol,
      host: proxy.hostname,
      port: Number(proxy.port === '' ? (proxy.protocol === 'https:' ? 443 : 80) : proxy.port),
      auth,
    }),
  });
}

/**
 * `HTTPS_PROXY=proxy:3128` means an HTTP proxy for HTTPS addresses, as curl and Python's clients take it. The library
 * puts the scheme of the address before a proxy that has none.
 */
function withScheme(named: string): string {
  const bare = /^https:\/\/(.*)$/.exec(named)?.[1];
  return bare !== undefined && VARIABLES.some((name) => process.env[name] === bare) ? `http://${bare}` : named;
}

function parsed(proxy: string): URL {
  const url = URL.canParse(proxy) ? new URL(proxy) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    throw new TypeError('the proxy that the environment names (HTTP_PROXY, HTTPS_PROXY, ALL_PROXY) is no http(s) URL');
  }
  return url;
}
