import { formatQuantity } from '../../../shared/format.ts';
import { bounded, pathsOf } from '../bounded.ts';
import { defineCheck, fail, pass, skip, warn } from '../check.ts';
import type { Base } from '../facts.ts';
import { mostMends } from '../walk-tree.ts';
import { inPart, listed, octal, quoted, shown } from './words.ts';

const noOwners = 'This system has no owners and permission bits of that kind.';

function entries(count: number): string {
  return formatQuantity(count, 'entry', 'entries');
}

/** Whether this user may change owner or mode of anything. */
function isRoot({ me }: Base): boolean {
  return me?.uid === 0;
}

export const permissionChecks = [
  defineCheck({
    id: 'permissions.writable',
    group: 'permissions',
    title: 'Folders can be written',
    why: 'A service that cannot write loses what it would have kept, and often says so only in its log.',
    weight: 3,
    statuses: ['pass', 'warn', 'fail', 'skip'],
    needs: ['areas'],
    run(base, { areas }) {
      const there = areas.filter(({ state }) => state === 'folder');
      if (there.length === 0) return skip('None of its folders can be reached.');
      const closed = there.filter(({ writable }) => writable !== 'yes');
      if (closed.length === 0) return pass(`${formatQuantity(there.length, 'folder')} looked at, for this user.`);
      const required = new Set(base.layout.areas.filter((area) => area.required).map(({ path }) => path));
      const words = listed(closed.map(({ path }) => shown(path)));
      const evidence = closed.some(({ writable }) => writable === 'read-only')
        ? `${words} cannot be written: the file system is read-only.`
        : `${words} cannot be written by this user.`;
      const rest = {
        paths: pathsOf(bounded(closed)),
        cannot: 'Whom they belong to is yours to say.',
        command: `ls -ld ${closed
          .slice(0, 3)
          .map(({ path }) => quoted(path === '' ? base.store.path : `${base.store.path}/${path}`))
          .join(' ')}`,
      };
      // An area of a service may belong to the service's own user.
      return closed.some(({ path }) => path === '' || required.has(path)) ? fail(evidence, rest) : warn(evidence, rest);
    },
  }),
  defineCheck({
    id: 'permissions.readable',
    group: 'permissions',
    title: 'Files can be read',
    why: 'What Larder cannot read is in no backup.',
    weight: 3,
    statuses: ['pass', 'fail', 'skip'],
    needs: ['tree'],
    run({ store }, { tree: { unreadable, complete, entries: looked } }) {
      if (unreadable.count === 0) return complete ? pass(`${entries(looked)} looked at.`) : skip(inPart);
      const words = listed(
        unreadable.first.map(({ path, reason }) => `${shown(path)} ${reason}`),
        unreadable.count,
        2,
      );
      return fail(`${entries(unreadable.count)}: ${words}.`, {
        paths: pathsOf(unreadable),
        cannot: 'They belong to somebody else.',
        command: `sudo chmod -R u+rX ${quoted(store.path)}`,
      });
    },
  }),
  defineCheck({
    id: 'permissions.modes',
    group: 'permissions',
    title: 'Permission as the layout has it',
    why: 'A service in a container runs as its own user and gets in only where the bits let it.',
    weight: 2,
    statuses: ['pass', 'warn', 'fail', 'skip'],
    needs: ['tree'],
    run(base, { tree: { modes, complete } }) {
      if (base.me === undefined) return skip(noOwners);
      const { off, lacking, looked } = modes;
      if (looked === 0) return skip('The layout says nothing of it.');
      if (off.count === 0) return complete ? pass(`${entries(looked)} have what the layout says.`) : skip(inPart);
      const [worst] = lacking.count > 0 ? lacking.first : off.first;
      const example =
        worst === undefined
          ? ''
          : `, such as ${shown(worst.path)}: ${octal(worst.from)} where it should be ${octal(worst.want)}`;
      const evidence = `${off.count.toLocaleString('en-US')} of ${entries(looked)} differ${example}.`;
      const rest = {
        paths: pathsOf(lacking.count > 0 ? lacking : off),
        mend: {
          title: `Set the permission of ${entries(off.count)}`,
          // Children first: a folder that is closed on the way no longer lets anybody in.
          changes: off.first
            .toSorted((a, b) => (a.path < b.path ? 1 : -1))
            .map(({ path, from, want }) => ({
              kind: 'mode' as const,
              path,
              from: octal(from),
              to: octal(want),
              fromMode: from,
              mode: want,
            })),
          more: off.count > mostMends,
        },
        command:
          worst === undefined
            ? undefined
            : `chmod ${octal(worst.want)} ${quoted(worst.path === '' ? base.store.path : `${base.store.path}/${worst.path}`)}`,
      };
      return lacking.count > 0 ? fail(evidence, rest) : warn(evidence, rest);
    },
  }),
  defineCheck({
    id: 'permissions.owner',
    group: 'permissions',
    title: 'Owner as the layout has it',
    why: 'Files of another owner cannot be written by the service the layout is made for.',
    weight: 2,
    statuses: ['pass', 'warn', 'skip'],
    needs: ['tree'],
    run(base, { tree: { owners, complete } }) {
      if (base.me === undefined) return skip(noOwners);
      if (base.layout.owner === undefined && owners.looked === 0) return skip('The layout names no owner.');
      const { off, looked, mine } = owners;
      const wanted = base.layout.owner ?? base.layout.areas.find(({ owner }) => owner !== undefined)?.owner ?? '';
      if (off.count === 0) return complete ? pass(`${entries(looked)} belong to ${wanted}.`) : skip(inPart);
      const command = `sudo chown -R ${wanted} ${quoted(base.store.path)}`;
      if (!isRoot(base) && mine === off.count) {
        return skip(
          `They belong to you (${base.me.uid}), and the layout says ${wanted}: whether the service runs as you cannot be seen from here.`,
          { command, cannot: 'Only root may give files to another user.' },
        );
      }
      const [first] = off.first;
      const example = first === undefined ? '' : `, such as ${shown(first.path)}: ${first.uid}:${first.gid}`;
      return warn(`${off.count.toLocaleString('en-US')} of ${entries(looked)} do not belong to ${wanted}${example}.`, {
        paths: pathsOf(off),
        command,
        ...(isRoot(base)
          ? {
              mend: {
                title: `Give ${entries(off.count)} to the owner the layout names`,
                changes: off.first.map(({ path, uid, gid, want }) => ({
                  kind: 'owner' as const,
                  path,
                  from: `${uid}:${gid}`,
                  to: `${want.uid}:${want.gid}`,
                  fromOwner: { uid, gid },
                  owner: want,
                })),
                more: off.count > mostMends,
              },
            }
          : { cannot: 'Only root may give files to another user.' }),
      });
    },
  }),
  defineCheck({
    id: 'permissions.foreign',
    group: 'permissions',
    title: 'Files of other users',
    why: 'Often a container that ran as root left them, and whoever owns the folder can neither change nor remove them.',
    weight: 1,
    statuses: ['pass', 'warn', 'skip'],
    needs: ['tree'],
    run(base, { tree: { owners, complete } }) {
      if (base.me === undefined) return skip(noOwners);
      const { foreign, rootUid } = owners;
      if (foreign.count === 0)
        return complete ? pass(`All belong to the owner of the folder (${rootUid}).`) : skip(inPart);
      const uids = [...new Set(foreign.first.map(({ uid }) => String(uid)))];
      return warn(
        `${entries(foreign.count)} ${foreign.count === 1 ? 'belongs' : 'belong'} to ${listed(uids)}, the folder to ${rootUid}.`,
        {
          paths: pathsOf(foreign),
          cannot: 'Whom they should belong to is yours to say.',
          command: `sudo chown -R ${rootUid} ${quoted(base.store.path)}`,
        },
      );
    },
  }),
  defineCheck({
    id: 'permissions.world-writable',
    group: 'permissions',
    title: 'Nothing that anybody can write',
    why: 'Any user or program of the machine could change it: a model or a pickle so changed runs code when it is loaded.',
    weight: 2,
    statuses: ['pass', 'warn', 'fail', 'skip'],
    needs: ['tree'],
    run(base, { tree: { worldWritable, complete } }) {
      if (base.me === undefined) return skip(noOwners);
      if (worldWritable.count === 0) return complete ? pass('Nothing is open to everybody.') : skip(inPart);
      const words = listed(
        worldWritable.first.map(({ path }) => shown(path)),
        worldWritable.count,
      );
      const rest = {
        paths: pathsOf(worldWritable),
        command: `chmod -R o-w ${quoted(base.store.path)}`,
        cannot:
          'Where the layout says what permission there should be, that check mends it; elsewhere it is yours to say.',
      };
      const evidence = `${entries(worldWritable.count)}: ${words}.`;
      return worldWritable.first.some(({ role }) => role === 'config' || role === 'model')
        ? fail(evidence, rest)
        : warn(evidence, rest);
    },
  }),
];
