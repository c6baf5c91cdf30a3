import type { OutgoingHttpHeaders } from 'node:http';
import { contentSecurityPolicy } from '../shared/content-policy.ts';

/** On every answer, refusals and errors included. There is no CORS header, so no other site can read one. */
export const securityHeaders: OutgoingHttpHeaders = {
  'content-security-policy': contentSecurityPolicy,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};
