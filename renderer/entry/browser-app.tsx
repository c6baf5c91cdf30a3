import { useEffect, useRef, useState, type ReactNode } from 'react';
import type { ErrorData } from '../../shared/contract/index.ts';
import { App } from '../app/app.tsx';
import { errorData, type Services } from '../data/index.ts';
import { browserServices, codeInFragment, isSignedIn, signIn } from './browser.ts';
import { SignInPage } from './sign-in-page.tsx';

type State =
  | { at: 'asking' }
  | { at: 'signedOut'; error: ErrorData | undefined; ended: boolean }
  | { at: 'signedIn'; services: Services };

/** In a browser: first a session, then the interface. */
export function BrowserApp(): ReactNode {
  const [state, setState] = useState<State>({ at: 'asking' });
  const [attempt, setAttempt] = useState(0);
  const signingIn = useRef<Promise<void> | undefined>(undefined);
  const open = useRef<Services | undefined>(undefined);

  useEffect(() => {
    let wanted = true;
    const enter = (): void => {
      open.current?.client.close();
      const services = browserServices(() => {
        services.client.close();
        setState({ at: 'signedOut', error: undefined, ended: true });
      });
      open.current = services;
      setState({ at: 'signedIn', services });
    };
    const begin = async (): Promise<void> => {
      const code = codeInFragment(location.hash);
      // A code is for one use; it must stay neither in the address nor in the history.
      if (code !== undefined) history.replaceState(null, '', `${location.pathname}${location.search}#/`);
      if (code !== undefined) signingIn.current = signIn(code);
      try {
        // Kept, because effects may run twice and a code works once.
        const exchanged = signingIn.current;
        await exchanged;
        const signedIn = exchanged !== undefined || (await isSignedIn());
        if (!wanted) return;
        signingIn.current = undefined;
        if (signedIn) enter();
        else setState({ at: 'signedOut', error: undefined, ended: false });
      } catch (error) {
        if (!wanted) return;
        signingIn.current = undefined;
        setState({ at: 'signedOut', error: errorData(error), ended: false });
      }
    };
    void begin();
    return () => {
      wanted = false;
    };
  }, [attempt]);

  useEffect(() => {
    // The sign-in address pasted into this tab changes only the fragment, which loads nothing.
    const onHashChange = (): void => {
      if (codeInFragment(location.hash) !== undefined) setAttempt((before) => before + 1);
    };
    addEventListener('hashchange', onHashChange);
    return () => removeEventListener('hashchange', onHashChange);
  }, []);

  switch (state.at) {
    case 'asking':
      return null;
    case 'signedOut':
      return <SignInPage error={state.error} ended={state.ended} onRetry={() => setAttempt(attempt + 1)} />;
    case 'signedIn':
      return <App services={state.services} />;
  }
}
