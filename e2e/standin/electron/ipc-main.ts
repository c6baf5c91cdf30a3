import { EventEmitter } from 'node:events';
import { codec } from '../codec.ts';
import type { Encoded } from '../codec.ts';
import type { FrameInfo } from '../messages.ts';

type InvokeHandler = (event: unknown, ...args: unknown[]) => unknown;

const plain = codec();

/** Electron's `ipcMain`. */
export class StandInIpcMain extends EventEmitter {
  private readonly handlers = new Map<string, InvokeHandler>();

  handle(channel: string, handler: InvokeHandler): void {
    if (this.handlers.has(channel)) throw new Error(`Attempted to register a second handler for '${channel}'`);
    this.handlers.set(channel, handler);
  }

  removeHandler(channel: string): void {
    this.handlers.delete(channel);
  }

  channels(): string[] {
    return [...this.handlers.keys(), ...this.eventNames().map(String)].toSorted();
  }

  /** A page called `ipcRenderer.invoke`. */
  async receiveInvoke(sender: unknown, frame: FrameInfo | null, channel: string, args: string): Promise<string> {
    const handler = this.handlers.get(channel);
    const failed = (error: unknown): Error => new Error(`Error invoking remote method '${channel}': ${String(error)}`);
    if (handler === undefined) throw failed(new Error(`No handler registered for '${channel}'`));
    try {
      const result = await handler({ type: 'frame', ...origin(sender, frame) }, ...decodeArgs(args));
      return JSON.stringify(plain.encode(result));
    } catch (error) {
      throw failed(error);
    }
  }

  /** A page called `ipcRenderer.send`. */
  receiveSend(sender: unknown, frame: FrameInfo | null, channel: string, args: string): void {
    this.emit(channel, { type: 'frame', ...origin(sender, frame), returnValue: undefined }, ...decodeArgs(args));
  }
}

function decodeArgs(args: string): unknown[] {
  return plain.decode(JSON.parse(args) as Encoded) as unknown[];
}

function origin(sender: unknown, frame: FrameInfo | null): object {
  if (frame === null) return { sender, senderFrame: null, processId: 1, frameId: 1 };
  const top = { url: frame.url, origin: frame.origin, parent: null, detached: false };
  const senderFrame = frame.main ? top : { ...top, parent: { url: 'app://ui/', origin: 'app://ui', parent: null } };
  return { sender, senderFrame, processId: 1, frameId: 1 };
}
