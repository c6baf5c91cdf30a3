import type { EventData, EventName, Notice } from '../../shared/contract/index.ts';

/** What the person should know about Larder itself until they put it away. Lives as long as the engine. */
export class Notices {
  private readonly emit: <N extends EventName>(name: N, data: EventData<N>) => void;
  private notices: readonly Notice[];

  constructor(first: readonly Notice[], emit: <N extends EventName>(name: N, data: EventData<N>) => void) {
    this.notices = first;
    this.emit = emit;
  }

  list(): Notice[] {
    return [...this.notices];
  }

  dismiss(id: string): void {
    this.set(this.notices.filter((notice) => notice.id !== id));
  }

  private set(notices: readonly Notice[]): void {
    this.notices = notices;
    this.emit('system.notices', { notices: this.list() });
  }
}
