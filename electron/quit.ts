/** Decides whether Larder may close: asks when work would be broken off, and lets the engine end first. */
export interface QuitGuard {
  /** Whether closing may go ahead now. When false, hold it up and call {@link request}. */
  readonly allowed: boolean;
  /** Asks if need be, then stops the engine and quits. Asks once, however often it is called. */
  request(): Promise<void>;
}

export interface QuitSteps {
  /** Titles of the jobs running now: "Back up persistent_data". */
  readonly runningJobs: () => Promise<readonly string[]>;
  /** Rejects when an answer has been waited for long enough. */
  readonly patience: () => Promise<never>;
  /** Whether the person wants to quit in spite of them. */
  readonly ask: (jobs: readonly string[]) => Promise<boolean>;
  readonly stop: () => Promise<void>;
  readonly quit: () => void;
  /** Hears what went wrong on the way out; closing goes on. */
  readonly onError: (what: string, error: unknown) => void;
}

export function createQuitGuard(steps: QuitSteps): QuitGuard {
  let allowed = false;
  let asking: Promise<void> | undefined;

  async function run(): Promise<void> {
    let jobs: readonly string[] = [];
    try {
      jobs = await Promise.race([steps.runningJobs(), steps.patience()]);
    } catch (error) {
      // An engine that does not answer has no job to lose, and must not keep the window open.
      steps.onError('The running jobs could not be listed', error);
    }
    if (jobs.length > 0 && !(await steps.ask(jobs))) return;
    try {
      await Promise.race([steps.stop(), steps.patience()]);
    } catch (error) {
      steps.onError('The engine did not stop in order', error);
    }
    allowed = true;
    steps.quit();
  }

  return {
    get allowed() {
      return allowed;
    },
    request() {
      asking ??= run().finally(() => {
        asking = undefined;
      });
      return asking;
    },
  };
}

/** The question before quitting, for a message box whose second button quits. */
export function quitQuestion(jobs: readonly string[]): { message: string; detail: string; buttons: [string, string] } {
  const [first] = jobs;
  const message =
    jobs.length === 1
      ? `“${first ?? ''}” is still running. Quit anyway?`
      : `${jobs.length} jobs are still running. Quit anyway?`;
  const list = jobs.length === 1 ? '' : `${jobs.map((job) => `• ${job}`).join('\n')}\n\n`;
  return {
    message,
    detail: `${list}Quitting stops what is running. Unfinished backups are removed; finished ones stay.`,
    buttons: ['Keep working', 'Quit'],
  };
}
