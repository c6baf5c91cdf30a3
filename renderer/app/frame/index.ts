export { Frame, Page, PageHeader } from './frame.tsx';
export { CancelJobButton, RunningJob } from './jobs-pill.tsx';
export { Logo } from './logo.tsx';
