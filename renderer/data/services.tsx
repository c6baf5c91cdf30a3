import { createContext, use, type ReactNode } from 'react';
import type { Client, Host } from '../../shared/client/index.ts';

/** What a shell gives the interface. */
export interface Services {
  client: Client;
  host: Host;
}

const ServicesContext = createContext<Services | undefined>(undefined);

export function ServicesProvider({ services, children }: { services: Services; children: ReactNode }): ReactNode {
  return <ServicesContext value={services}>{children}</ServicesContext>;
}

function useServices(): Services {
  const services = use(ServicesContext);
  if (services === undefined) throw new Error('ServicesProvider is missing above this component.');
  return services;
}

/** The engine, over whatever carrier the shell uses. */
export function useClient(): Client {
  return useServices().client;
}

/** What the shell offers beside the engine. */
export function useHost(): Host {
  return useServices().host;
}
