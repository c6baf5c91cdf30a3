/**
 * File systems that hold no one's data but show what the kernel knows (proc, sysfs) or stand for something else. Never
 * walked into, also where other file systems are. By their magic numbers (statfs(2), linux/magic.h).
 */
const pseudo: ReadonlySet<number> = new Set([
  0x9fa0, // proc
  0x62656572, // sysfs
  0x1cd1, // devpts
  0x27e0eb, // cgroup
  0x63677270, // cgroup2
  0x64626720, // debugfs
  0x74726163, // tracefs
  0x73636673, // securityfs
  0xf97cff8c, // selinuxfs
  0x43415d53, // smackfs
  0xcafe4a11, // bpf
  0x19800202, // mqueue
  0x6165676c, // pstore
  0x65735543, // fusectl
  0x62656570, // configfs
  0x42494e4d, // binfmt_misc
  0xde5e81e4, // efivarfs
  0x6e736673, // nsfs
  0x67596969, // rpc_pipefs
  0x0187, // autofs
]);

/** Whether a file system of this type (`statfs`) is a pseudo file system. */
export function isPseudo(type: number): boolean {
  // Some platforms give the number as signed.
  return pseudo.has(type >>> 0);
}
