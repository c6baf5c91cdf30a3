import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import { useClient } from '../data/index.ts';
import { useToast } from '../design/index.ts';
import { jobMessage } from './job-messages.ts';
import { useIsJobShown } from './quiet-jobs.tsx';

/** Says in the corner when a job ends. */
export function JobToasts(): null {
  const client = useClient();
  const toast = useToast();
  const [, navigate] = useLocation();
  const isShown = useIsJobShown();
  const latest = useRef({ toast, navigate, isShown });
  useEffect(() => {
    latest.current = { toast, navigate, isShown };
  });
  useEffect(() => {
    const told = new Set<string>();
    return client.on('jobs.changed', ({ job }) => {
      const message = told.has(job.id) ? undefined : jobMessage(job);
      if (message === undefined) return;
      told.add(job.id);
      if (latest.current.isShown(job)) return;
      const { tone, title, text, next } = message;
      latest.current.toast({
        tone,
        title,
        text,
        action: { label: next.label, run: () => latest.current.navigate(next.path) },
      });
    });
  }, [client]);
  return null;
}
