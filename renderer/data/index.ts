export { errorData } from './errors.ts';
export { EventBridge } from './event-bridge.tsx';
export {
  useAllUsage,
  useConnection,
  useJobs,
  useRunningJobs,
  useSettings,
  useStore,
  useStores,
  useSystemInfo,
  useUsage,
} from './hooks.ts';
export { jobNouns, jobShare, jobVerbs, runningSummary } from './jobs.ts';
export { callKey, shouldRetry, useAction, useCall } from './query.ts';
export { ServicesProvider, useClient, useHost, type Services } from './services.tsx';
