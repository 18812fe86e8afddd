import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import {
  EMPTY_ROOT,
  EMPTY_TREE,
  grown,
  inclusionPath,
  isFrontierOf,
  leafHash,
  nodeHash,
  rootByPath,
  rootOf,
  type TreeHead,
} from '../../../platform/audit/merkle.ts';

/** RFC 6962 §2.1, word by word. */
function naiveRoot(leaves: readonly string[]): string {
  if (leaves.length === 0) return createHash('sha256').digest('hex');
  if (leaves.length === 1) return leafHash(leaves[0]!);
  let k = 1;
  while (2 * k < leaves.length) k *= 2;
  return nodeHash(naiveRoot(leaves.slice(0, k)), naiveRoot(leaves.slice(k)));
}

const leaf = (n: number): string => createHash('sha256').update(`leaf ${n}`).digest('hex');
const leavesTo = (size: number): string[] => Array.from({ length: size }, (_, n) => leaf(n));

describe('the Merkle tree', () => {
  it('has the roots of RFC 6962, whatever its size', () => {
    let tree: TreeHead = EMPTY_TREE;
    expect(rootOf(tree)).toBe(EMPTY_ROOT);
    for (let size = 1; size <= 130; size += 1) {
      tree = grown(tree, leaf(size - 1));
      expect(rootOf(tree)).toBe(naiveRoot(leavesTo(size)));
      expect(isFrontierOf(size, tree.frontier)).toBe(true);
    }
  });

  it('has the roots that certificate transparency’s test vectors give', () => {
    // Leaves of the reference implementation's own tests: their data, hashed with the leaf prefix.
    const data = [
      '',
      '00',
      '10',
      '2021',
      '3031',
      '40414243',
      '5051525354555657',
      '606162636465666768696a6b6c6d6e6f',
    ];
    const hashed = data.map((hex) =>
      createHash('sha256')
        .update(Buffer.from(`00${hex}`, 'hex'))
        .digest('hex'),
    );
    const root = (from: number, to: number): string => {
      if (to - from === 1) return hashed[from]!;
      let k = 1;
      while (2 * k < to - from) k *= 2;
      return nodeHash(root(from, from + k), root(from + k, to));
    };
    expect(root(0, 8)).toBe('5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328');
  });

  it('proves that each leaf is in it, and no other', async () => {
    for (const size of [1, 2, 3, 7, 8, 13, 64, 65, 100]) {
      const leaves = leavesTo(size);
      const root = naiveRoot(leaves);
      for (let index = 0; index < size; index += 1) {
        const path = await inclusionPath(index, size, async (from, to) =>
          naiveRoot(leaves.slice(from, to)),
        );
        expect(rootByPath(leaf(index), { index, size, path })).toBe(root);
        expect(rootByPath(leaf(index + 1), { index, size, path })).not.toBe(root);
        expect(rootByPath(leaf(index), { index: (index + 1) % size, size, path }) === root).toBe(
          size === 1,
        );
        expect(rootByPath(leaf(index), { index, size, path: [...path, root] })).not.toBe(root);
      }
    }
  });

  it('tells of each full subtree that a leaf completes', () => {
    let tree: TreeHead = EMPTY_TREE;
    const told: string[] = [];
    for (let n = 0; n < 24; n += 1) {
      tree = grown(tree, leaf(n), (leaves, root) => {
        if (leaves === 8) told.push(root);
      });
    }
    expect(told).toEqual([0, 8, 16].map((from) => naiveRoot(leavesTo(24).slice(from, from + 8))));
  });
});
