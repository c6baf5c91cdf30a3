import { Component, type ReactNode } from 'react';
import type { ErrorData } from '../../shared/contract/index.ts';
import { ErrorState, Panel } from '../design/index.ts';
import { errorData } from '../data/index.ts';

interface Props {
  /** A new value (the address of the page) clears what was caught. */
  resetKey: string;
  children: ReactNode;
}

interface State {
  error: ErrorData | undefined;
  resetKey: string;
}

/** Keeps a defect in one page from taking the frame with it. */
export class ErrorBoundary extends Component<Props, State> {
  override state: State = { error: undefined, resetKey: this.props.resetKey };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error: { ...errorData(error), message: 'This page could not be shown.' } };
  }

  static getDerivedStateFromProps(props: Props, state: State): Partial<State> | null {
    return props.resetKey === state.resetKey ? null : { error: undefined, resetKey: props.resetKey };
  }

  override render(): ReactNode {
    const { error } = this.state;
    if (error === undefined) return this.props.children;
    return (
      <Panel>
        <ErrorState error={error} onRetry={() => this.setState({ error: undefined })} />
      </Panel>
    );
  }
}
