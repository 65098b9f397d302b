import { ApiFault } from './api-fault';

/** The newest microversion of the Nova that the traces are of: 2.93. */
export const newest = 93;

/**
 * The minor number that a request asks for: 2.1 without a header, `latest` is the newest, 406 for one that is too new.
 * The old header names no service.
 */
export function negotiate(header: string | undefined, oldHeader: string | undefined, maximum: number): number {
  const asked =
    header
      ?.split(',')
      .map((part) => part.trim())
      .find((part) => part.startsWith('compute '))
      ?.slice('compute '.length)
      .trim() ?? oldHeader;
  if (asked === undefined) return 1;
  if (asked === 'latest') return maximum;
  const match = /^(\d+)\.(\d+)$/.exec(asked);
  if (match === null) {
    throw new ApiFault(400, `API Version String ${asked} is of invalid format. Must be of format MajorNum.MinorNum.`);
  }
  const minor = Number(match[2]);
  if (match[1] !== '2' || minor < 1 || minor > maximum) throw new UnsupportedVersion(asked, maximum);
  return minor;
}

/** 406, which echoes the version that was asked for. */
export class UnsupportedVersion extends ApiFault {
  constructor(
    readonly asked: string,
    maximum: number,
  ) {
    super(406, `Version ${asked} is not supported by the API. Minimum is 2.1 and maximum is 2.${maximum}.`);
  }
}

/** The version document of the compute API. */
export function versionDocument(url: string, maximum: number): Record<string, unknown> {
  return {
    id: 'v2.1',
    status: 'CURRENT',
    version: `2.${maximum}`,
    min_version: '2.1',
    updated: '2013-07-23T11:33:21Z',
    links: [{ rel: 'self', href: `${url}/v2.1/` }],
  };
}
