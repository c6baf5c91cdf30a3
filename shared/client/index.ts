export type { Host, PickFileOptions } from './host.ts';
export { createBridgeTransport } from './bridge-transport.ts';
export type { Bridge } from './bridge-transport.ts';
export { createClient } from './client.ts';
export type { CallOptions, CancelSignal, Client, Connection } from './client.ts';
export { FrameTransport, parseOutgoing } from './frame-transport.ts';
export { createHttpTransport } from './http-transport.ts';
export type { HttpRequest, HttpResponse, HttpTransportOptions } from './http-transport.ts';
export type { Subscriber, Transport } from './transport.ts';
