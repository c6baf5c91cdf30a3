import { useEffect, useRef } from 'react';
import { useLocation } from 'wouter';
import { useClient } from '../data/index.ts';
import { useToast } from '../design/index.ts';
import { jobMessage } from './job-messages.ts';

/** Says in the corner when a job ends. */
export function JobToasts(): null {
  const client = useClient();
  const toast = useToast();
  const [, navigate] = useLocation();
  const latest = useRef({ toast, navigate });
  useEffect(() => {
    latest.current = { toast, navigate };
  });
  useEffect(() => {
    const told = new Set<string>();
    return client.on('jobs.changed', ({ job }) => {
      const message = told.has(job.id) ? undefined : jobMessage(job);
      if (message === undefined) return;
      told.add(job.id);
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
