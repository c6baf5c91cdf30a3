import { createContext, use, type ReactNode } from 'react';
import type { ErrorData } from '../../shared/contract/index.ts';

/** What the application offers for errors of some kind wherever they are shown, for example a window for a missing key. */
export type ErrorRemedy = (error: ErrorData) => ReactNode;

const RemedyContext = createContext<ErrorRemedy>(() => null);

export const ErrorRemedyProvider = RemedyContext.Provider;

export function useErrorRemedy(error: ErrorData): ReactNode {
  return use(RemedyContext)(error);
}
