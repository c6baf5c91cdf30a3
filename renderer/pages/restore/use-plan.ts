import { useEffect, useRef, useState } from 'react';
import type { ErrorData, Overwrite, RestorePlan, RestoreTarget } from '../../../shared/contract/index.ts';
import { formatCount } from '../../../shared/format.ts';
import { errorData, useClient } from '../../data/index.ts';
import { Asker } from './asker.ts';
import { mostPaths, pathsOf, TooManyPathsError, type Selection } from './selection.ts';
import { useFolderLister } from './use-listings.ts';

/** Boxes are ticked in a row; the plan follows once this long, in ms, nothing was ticked. */
const settleMs = 250;

/** What a plan is asked for. Compared by identity: keep the object while nothing in it changes. */
export interface PlanRequest {
  readonly backup: string;
  readonly selection: Selection;
  readonly target: RestoreTarget;
  readonly overwrite: Overwrite;
  readonly deleteExtra: boolean;
  /** Counts the plans that were used up; the same options in another round are another request. */
  readonly round: number;
}

interface Answer {
  readonly request: PlanRequest;
  readonly plan?: RestorePlan;
  /** Paths the plan names; `[]` for everything. */
  readonly paths?: readonly string[];
  readonly error?: ErrorData;
}

export interface PlanState {
  /** Of this request. */
  readonly plan: RestorePlan | undefined;
  readonly paths: readonly string[];
  readonly error: ErrorData | undefined;
  /** The figures of the request before, while the answer is on its way. */
  readonly before: RestorePlan | undefined;
  readonly planning: boolean;
}

const none: readonly string[] = [];

/**
 * What a restore would do, kept up to date while boxes are ticked and while the store changes (`revision`). Answers to
 * questions that were overtaken are dropped, and the engine is told not to finish them. Nothing is asked without a
 * request.
 */
export function usePlan(request: PlanRequest | undefined, revision: number): PlanState {
  const client = useClient();
  const [answer, setAnswer] = useState<Answer>();
  const listFolder = useFolderLister(request?.backup ?? '');
  const asker = useRef<Asker<Answer>>(undefined);
  useEffect(() => {
    if (request === undefined) return undefined;
    const { selection, round: _round, ...options } = request;
    const ask = async (signal: AbortSignal): Promise<Answer> => {
      const chosen = await pathsOf(selection, (folder) => listFolder(folder, signal));
      if (chosen.length === 0) return { request, error: nothingLeft };
      const paths = chosen[0] === '' ? [] : chosen;
      return { request, paths, plan: await client.call('restore.plan', { ...options, paths }, { signal }) };
    };
    const own = new Asker<Answer>({
      ask: (signal) => ask(signal).catch((error: unknown): Answer => ({ request, error: describe(error) })),
      onAnswer: setAnswer,
      delayMs: settleMs,
      now: () => performance.now(),
    });
    asker.current = own;
    return () => {
      own.stop();
      asker.current = undefined;
    };
  }, [client, listFolder, request]);
  useEffect(() => asker.current?.again(), [revision]);
  const current = answer !== undefined && answer.request === request ? answer : undefined;
  return {
    plan: current?.plan,
    paths: current?.paths ?? none,
    error: current?.error,
    before: request === undefined ? undefined : answer?.plan,
    planning: request !== undefined && current === undefined,
  };
}

const nothingLeft: ErrorData = {
  code: 'INVALID_INPUT',
  message: 'Nothing is chosen any more.',
  hint: 'Everything in the chosen folder was taken out again. Tick what should come back.',
  retryable: false,
};

function describe(error: unknown): ErrorData {
  if (!(error instanceof TooManyPathsError)) return errorData(error);
  return {
    code: 'LIMIT_REACHED',
    message: `More than ${formatCount(mostPaths)} files are chosen one by one.`,
    hint: 'Choose whole folders, or restore in several steps.',
    retryable: false,
  };
}
