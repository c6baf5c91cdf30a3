import { isWithin } from '../container-path.ts';
import type { ImageFact } from '../images.ts';
import type { Service } from '../model.ts';
import type { Place } from '../where.ts';
import type { Rules } from './context.ts';

/** Images whose configuration file says where the data lies. */
const configured = new Set(
  'redis valkey loki mongo mysql mariadb etcd neo4j elasticsearch opensearch qdrant milvus chroma'.split(' '),
);

/** Set-ups that keep their data elsewhere by their own configuration. Says so where it cannot be told. */
export function keptElsewhere(rules: Rules, service: Service, fact: ImageFact, place: Place): boolean {
  const words = service.command ?? [];
  const value = (name: string): string => service.environment.get(name)?.value ?? '';
  const cannot = (message: string, why: string): true => {
    rules.report.cannotTell({ spot: service.imageSpot, service: service.name, subject: place.wanted, message, why });
    return true;
  };
  if (fact.id === 'redis' || fact.id === 'valkey') {
    const at = words.indexOf('--save');
    const noSave = (at !== -1 && (words[at + 1] ?? '') === '') || words.includes('--save=');
    const appends = words.some((word, index) => word === '--appendonly' && words[index + 1] === 'yes');
    if (noSave && !appends) {
      return cannot(
        `${fact.title} is told to keep nothing (--save ""), so nothing is mounted.`,
        'Whether that is meant, only you can tell.',
      );
    }
  }
  const database = value('GF_DATABASE_TYPE');
  if (
    fact.id === 'grafana' &&
    (/^(?:postgres|mysql)$/.test(database) || /^(?:postgres|mysql):/.test(value('GF_DATABASE_URL')))
  ) {
    return cannot(
      'Grafana keeps its dashboards in another database.',
      'Plugins and pictures it keeps in /var/lib/grafana, which is not mounted.',
    );
  }
  const config = service.mounts.some(
    ({ target, kind }) => kind === 'bind' && /\.(?:conf|cnf|ya?ml)$/.test(target) && !isWithin(target, place.wanted),
  );
  const holds = service.mounts.some(
    ({ kind, readOnly, target }) => kind !== 'tmpfs' && !readOnly && !/\.\w{1,5}$/.test(target),
  );
  if (config && configured.has(fact.id) && (fact.id === 'loki' || holds)) {
    return cannot(
      `${fact.title} has a configuration of its own, which may keep ${place.path.what} elsewhere.`,
      `Its usual place, ${place.wanted}, is not mounted.`,
    );
  }
  return false;
}
