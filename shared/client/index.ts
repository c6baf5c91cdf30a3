export type { Host } from './host.ts';
export { createClient } from './client.ts';
export type { CallOptions, CancelSignal, Client, Connection } from './client.ts';
export type { Subscriber, Transport } from './transport.ts';
