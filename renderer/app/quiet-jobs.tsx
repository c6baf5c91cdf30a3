import { createContext, use, useEffect, useState, type ReactNode } from 'react';
import type { Job } from '../../shared/contract/index.ts';

type IsShown = (job: Job) => boolean;

const QuietContext = createContext<Set<IsShown>>(new Set());

/** Remembers which jobs a page tells about itself, so that the corner need not. */
export function QuietJobsProvider({ children }: { children: ReactNode }): ReactNode {
  const [pages] = useState(() => new Set<IsShown>());
  return <QuietContext value={pages}>{children}</QuietContext>;
}

/** While this is on the page, the ends of jobs it says yes to are not told in the corner. */
export function useQuietJobs(isShown: IsShown): void {
  const pages = use(QuietContext);
  useEffect(() => {
    pages.add(isShown);
    return () => {
      pages.delete(isShown);
    };
  });
}

/** Whether the page tells how a job ended. */
export function useIsJobShown(): IsShown {
  const pages = use(QuietContext);
  return (job) => [...pages].some((isShown) => isShown(job));
}
