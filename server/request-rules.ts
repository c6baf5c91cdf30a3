import type { IncomingHttpHeaders } from 'node:http';
import { LarderError } from '../shared/contract/index.ts';

/**
 * Which requests are looked at, before anything is read of them. Pure: decided from the head of the request alone.
 *
 * The threats are pages of other sites in the person's browser: DNS rebinding (the Host rule) and forged requests (the
 * Origin, Sec-Fetch-Site and header rules). A cookie is no defence against another port of the same machine, because
 * browsers do not tell ports apart in cookies, nor in what they call the same site.
 */

/** A request that is refused, and the HTTP status that says so. */
export interface Refusal {
  readonly status: number;
  readonly error: LarderError;
  readonly headers?: Record<string, string>;
  /** Id of the call it answers, where one could be read. */
  readonly id?: string;
}

export interface RequestHead {
  readonly method: string;
  /** The request target as sent. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  /** Values of `Host` as sent; more than one is refused. */
  readonly hosts: readonly string[];
}

export interface OriginRules {
  /** `host:port`, in lower case, as browsers send it. */
  readonly allowedHosts: ReadonlySet<string>;
  readonly scheme: 'http' | 'https';
}

/** Name of the header no form and no plain cross-site request can carry. */
export const csrfHeader = 'x-larder-csrf';

function refuse(status: number, code: 'PERMISSION' | 'INVALID_INPUT', message: string, hint?: string): Refusal {
  return { status, error: new LarderError(code, message, { hint }) };
}

/**
 * The `Host` values that name this server: the address it listens on, `localhost` when that is a loopback address, and
 * what the person allowed. The default port of the scheme may be left out, as browsers do.
 */
export function allowedHosts(options: {
  addresses: readonly string[];
  port: number;
  scheme: 'http' | 'https';
}): ReadonlySet<string> {
  const defaultPort = options.scheme === 'https' ? 443 : 80;
  const hosts = new Set<string>();
  for (const address of options.addresses) {
    const name = (address.includes(':') && !address.startsWith('[') ? `[${address}]` : address).toLowerCase();
    hosts.add(`${name}:${options.port}`);
    if (options.port === defaultPort) hosts.add(name);
  }
  return hosts;
}

/** Rules for every request, static files included. */
export function refuseRequest(head: RequestHead, rules: OriginRules): Refusal | undefined {
  const host = head.hosts[0];
  if (head.hosts.length !== 1 || host === undefined || !rules.allowedHosts.has(host.toLowerCase())) {
    return refuse(
      403,
      'PERMISSION',
      'The name in the address is not one this Larder answers to.',
      'Open the address that larder serve prints, or allow the name with --allow-host.',
    );
  }
  // An absolute target ("GET http://other/ HTTP/1.1") would name a second host.
  if (!head.target.startsWith('/') || head.target.startsWith('//')) {
    return refuse(400, 'INVALID_INPUT', 'The address of the request is malformed.');
  }
  if (head.method !== 'GET' && head.method !== 'HEAD' && head.method !== 'POST') {
    return {
      ...refuse(405, 'INVALID_INPUT', 'That method is not allowed here.'),
      headers: { allow: 'GET, HEAD, POST' },
    };
  }
  const { origin } = head.headers;
  if (origin !== undefined && origin !== `${rules.scheme}://${host.toLowerCase()}`) {
    return refuse(403, 'PERMISSION', 'The request comes from another site.');
  }
  const site = head.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    // Following a link to the dashboard (from a terminal in a browser, a mail) is a navigation: it carries no cookie
    // and reads nothing back, so it is let through to the page. Anything else from another site is not.
    const navigation =
      head.method === 'GET' &&
      head.headers['sec-fetch-mode'] === 'navigate' &&
      head.headers['sec-fetch-dest'] === 'document' &&
      !isApi(head.target);
    if (!navigation) return refuse(403, 'PERMISSION', 'The request comes from another site.');
  }
  return undefined;
}

export function isApi(target: string): boolean {
  return target === '/api' || target.startsWith('/api/') || target.startsWith('/api?');
}

/** Rules for every POST, on top of {@link refuseRequest}. */
export function refusePost(head: RequestHead): Refusal | undefined {
  // A wrong origin was refused already; here its absence is, which no browser produces on a POST.
  if (head.headers.origin === undefined) {
    return refuse(403, 'PERMISSION', 'The request does not say which site it comes from.', 'Send an Origin header.');
  }
  if (head.headers[csrfHeader] !== '1') {
    return refuse(403, 'PERMISSION', `The request lacks the header ${csrfHeader}.`);
  }
  const [type] = (head.headers['content-type'] ?? '').split(';');
  if (type?.trim().toLowerCase() !== 'application/json') {
    return refuse(415, 'INVALID_INPUT', 'The request must be JSON.');
  }
  const encoding = head.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    return refuse(415, 'INVALID_INPUT', 'The request must not be compressed.');
  }
  return undefined;
}
