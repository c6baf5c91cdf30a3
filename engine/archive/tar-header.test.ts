import fc from 'fast-check';
import { Header } from 'tar';
import { describe, expect, it } from 'vitest';
import { decimalSeconds, tarHeader } from './tar-header.ts';

const second = 1_000_000_000n;

describe('tarHeader', () => {
  it('makes for short names the very block the tar package makes', () => {
    fc.assert(
      fc.property(
        fc.record({
          path: fc.stringMatching(/^[a-zA-Z0-9 ._\n-]{1,90}$/),
          type: fc.constantFrom('file' as const, 'dir' as const),
          mode: fc.integer({ min: 0, max: 0o7777 }),
          uid: fc.nat({ max: 0o7777777 }),
          gid: fc.nat({ max: 0o7777777 }),
          mtimeNs: fc.nat({ max: 0x7fff_ffff }).map((seconds) => BigInt(seconds) * 4n * second),
          size: fc.integer({ min: 0, max: 0o77777777777 }),
        }),
        (entry) => {
          const expected = Buffer.alloc(512);
          new Header({
            path: entry.type === 'dir' ? `${entry.path}/` : entry.path,
            mode: entry.mode,
            uid: entry.uid,
            gid: entry.gid,
            size: entry.size,
            mtime: new Date(Number(entry.mtimeNs / second) * 1_000),
            type: entry.type === 'dir' ? 'Directory' : 'File',
          }).encode(expected);
          expect(tarHeader(entry).toString('latin1')).toBe(expected.toString('latin1'));
        },
      ),
    );
  });

  const base = { type: 'file', mode: 0o600, uid: 0, gid: 0, mtimeNs: 0n, size: 0 } as const;
  const bodyOf = (bytes: Buffer): string => {
    const header = new Header(bytes, 0);
    expect(header.cksumValid).toBe(true);
    expect(header.type).toBe('ExtendedHeader');
    return bytes.toString('latin1', 512, 512 + (header.size ?? 0));
  };

  it('says nanoseconds, times before 1970 and sizes above 8 GiB in extended records', () => {
    expect(bodyOf(tarHeader({ ...base, path: 'a', mtimeNs: 1_700_000_000_123_456_789n }))).toBe(
      '30 mtime=1700000000.123456789\n',
    );
    expect(bodyOf(tarHeader({ ...base, path: 'a', mtimeNs: -1_500_000_000n }))).toBe('14 mtime=-1.5\n');
    expect(bodyOf(tarHeader({ ...base, path: 'a', size: 2 ** 40 }))).toBe('22 size=1099511627776\n');
    expect(bodyOf(tarHeader({ ...base, path: 'a', uid: 4_000_000_000 }))).toBe('18 uid=4000000000\n');
  });

  it('keeps the bytes of names that are not UTF-8', () => {
    expect(bodyOf(tarHeader({ ...base, path: 'caf\udce9' }))).toBe('21 hdrcharset=BINARY\n13 path=caf\xe9\n');
    const link = { ...base, path: 'l', type: 'symlink', linkTarget: '\udcff' } as const;
    expect(bodyOf(tarHeader(link))).toBe('21 hdrcharset=BINARY\n14 linkpath=\xff\n');
  });

  it('counts the digits of a record in its length', () => {
    // 99 and 100 are where the length grows by a digit.
    for (let length = 80; length < 120; length++) {
      const body = bodyOf(tarHeader({ ...base, path: `é${'x'.repeat(length)}` }));
      expect(Number.parseInt(body, 10)).toBe(body.length);
    }
  });
});

describe('decimalSeconds', () => {
  it('is exact', () => {
    expect(decimalSeconds(-1n)).toBe('-0.000000001');
    expect(decimalSeconds(2n ** 62n)).toBe('4611686018.427387904');
    expect(decimalSeconds(5n * second)).toBe('5');
  });
});
