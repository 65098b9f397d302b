import { Secret } from '../auth/secret';
import type { Login, Profile } from './profile';

/** Everything in a profile that must never be shown. */
export function secretsOf({ login, tls, authUrl, computeEndpoint, otherSecrets = [] }: Profile): Secret[] {
  const key = tls.key === undefined ? [] : [tls.key];
  return [...ofLogin(login), ...key, ...[authUrl, computeEndpoint].flatMap(inAddress), ...otherSecrets];
}

function ofLogin(login: Login): Secret[] {
  switch (login.method) {
    case 'password':
      return [login.password];
    case 'application_credential':
      return [login.secret];
    case 'token':
      return [login.token];
    case 'aksk':
      return [login.accessKey, login.secretKey, ...(login.securityToken === undefined ? [] : [login.securityToken])];
  }
}

/** A password between "//" and "@". */
function inAddress(address: string | undefined): Secret[] {
  if (address === undefined || !URL.canParse(address)) return [];
  const { password } = new URL(address);
  return password === '' ? [] : [new Secret(password), new Secret(unescaped(password))];
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
