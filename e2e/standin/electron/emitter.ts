import { EventEmitter } from 'node:events';

/** The event object Electron's events begin with. */
export interface PreventableEvent {
  defaultPrevented: boolean;
  preventDefault(): void;
}

export function preventable<Details extends object>(details: Details): PreventableEvent & Details {
  const event = {
    ...details,
    defaultPrevented: false,
    preventDefault() {
      event.defaultPrevented = true;
    },
  };
  return event;
}

/** Emits an event that listeners may prevent; whether one did. */
export function emitPreventable(
  emitter: EventEmitter,
  name: string,
  details: object = {},
  ...rest: unknown[]
): boolean {
  const event = preventable(details);
  emitter.emit(name, event, ...rest);
  return event.defaultPrevented;
}
