import { versionOf } from '../image-name.ts';
import type { Era, ImageFact } from '../images.ts';
import type { Service } from '../model.ts';
import type { Rules } from './context.ts';

/** Finding 6: a moving tag on an image that has moved its data once, and may find it no more after a pull. */
export function checkTag(rules: Rules, service: Service, fact: ImageFact, era: Era, fits: boolean): void {
  const { image, imageNode } = service;
  if (image === undefined) return;
  const version = versionOf(image);
  if (version.kind === 'unknown') {
    if (!fits) return;
    rules.report.cannotTell({
      spot: service.imageSpot,
      service: service.name,
      subject: image.text,
      message: `Which version of ${fact.title} this is cannot be told from its tag.`,
      why: 'Its data path depends on the version; the mount fits one of them.',
    });
    return;
  }
  if (version.kind !== 'floating') return;
  const wanted = pinned(image.repository, image.tag, era);
  const edit =
    imageNode === undefined || wanted === undefined
      ? undefined
      : rules.editor.replaceAll(imageNode, bare(image.text) + wanted);
  rules.report.finding({
    rule: 'floating-tag',
    severity: 'warning',
    spot: service.imageSpot,
    service: service.name,
    subject: image.text,
    message: `${image.tag === undefined ? 'No tag' : `The tag ${image.tag}`} on ${fact.title}, whose data path has changed between versions.`,
    why:
      newest(fact, era) ??
      `The next pull may bring a version that keeps ${era.paths[0]?.what ?? 'its data'} elsewhere, or cannot read what the old one wrote.`,
    ...(edit === undefined
      ? {}
      : {
          mend: {
            title: `Pin the version: ${wanted?.slice(1) ?? ''}`,
            edits: [edit],
            safe: false,
            note: 'Take the version the data was written with.',
          },
        }),
  });
}

/** What the newest version, which a moving tag stands for by now, does with a mount of an older one. */
function newest({ eras, title }: ImageFact, era: Era): string | undefined {
  const last = eras.at(-1);
  const path = last?.paths[0];
  if (last === era || path === undefined) return undefined;
  return `The newest ${title} keeps ${path.what} in ${path.path}, so after the next pull nothing of what it writes goes to this mount.`;
}

function bare(text: string): string {
  const slash = text.lastIndexOf('/');
  const colon = text.indexOf(':', slash + 1);
  return colon === -1 ? text : text.slice(0, colon);
}

function pinned(repository: string, tag: string | undefined, { pin }: Era): string | undefined {
  if (pin === undefined || repository === 'postgis/postgis') return undefined;
  const version = repository.startsWith('pgvector/') ? `pg${pin}` : pin;
  const variant = /(alpine|bookworm|bullseye|trixie)/.exec(tag ?? '')?.[1];
  return `:${version}${variant === undefined ? '' : `-${variant}`}`;
}
