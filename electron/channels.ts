/** The IPC channels between preload and main process. The page sees none of them. */
export const channels = {
  /** invoke: a call frame → its reply frame. */
  request: 'larder:request',
  /** send: the id of a call. */
  cancel: 'larder:cancel',
  /** send: begin the flow of frames, with a hello first. */
  subscribe: 'larder:subscribe',
  /** send: end it. */
  unsubscribe: 'larder:unsubscribe',
  /** invoke: {@link HostReply}. */
  pickFolder: 'larder:pick-folder',
  /** invoke: {@link HostReply}. */
  pickFile: 'larder:pick-file',
  /** invoke: {@link HostReply}. */
  revealPath: 'larder:reveal-path',
  /** to the window: a hello, event or disconnected frame. */
  frame: 'larder:frame',
  /** to the window: id of an action chosen in the menu. */
  menuAction: 'larder:menu-action',
} as const;

/**
 * Answer of the calls that are not for the engine. A failure is a value, because Electron puts its own words in front
 * of the message of an exception.
 */
export type HostReply<Value> = { ok: true; value: Value } | { ok: false; message: string };
