import { hash } from 'node:crypto';

/**
 * The Merkle tree of RFC 6962 §2.1 over a chain's event hashes: leaf = SHA-256(0x00 ‖ event hash),
 * node = SHA-256(0x01 ‖ left ‖ right), a left subtree as large a power of two as fits. Hashes are hex.
 */
export function leafHash(eventHash: string): string {
  return hash('sha256', Buffer.from(`00${eventHash}`, 'hex'));
}

export function nodeHash(left: string, right: string): string {
  return hash('sha256', Buffer.from(`01${left}${right}`, 'hex'));
}

/** Root of a tree without leaves. */
export const EMPTY_ROOT = hash('sha256', '');

/**
 * A tree that only grows, as the roots of its full subtrees, the greatest first: one for each bit of its size.
 */
export interface TreeHead {
  readonly size: number;
  readonly frontier: readonly string[];
}
export const EMPTY_TREE: TreeHead = { size: 0, frontier: [] };

/** The tree with one more leaf. @param onSubtree told of each full subtree that the leaf completes */
export function grown(
  { size, frontier }: TreeHead,
  eventHash: string,
  onSubtree?: (leaves: number, root: string) => void,
): TreeHead {
  const roots = [...frontier];
  let root = leafHash(eventHash);
  let leaves = 1;
  // As in binary counting: each trailing one of the size is a full subtree that the new one completes.
  for (let rest = size; rest % 2 === 1; rest = (rest - 1) / 2) {
    root = nodeHash(roots.pop() as string, root);
    leaves *= 2;
    onSubtree?.(leaves, root);
  }
  roots.push(root);
  return { size: size + 1, frontier: roots };
}

export function rootOf({ frontier }: Pick<TreeHead, 'frontier'>): string {
  return frontier.length === 0
    ? EMPTY_ROOT
    : frontier.reduceRight((right, left) => nodeHash(left, right));
}

/** Whether a frontier has as many roots as a tree of that size. */
export function isFrontierOf(size: number, frontier: readonly string[]): boolean {
  const ones = size.toString(2).replaceAll('0', '').length;
  return frontier.length === ones && frontier.every((root) => /^[0-9a-f]{64}$/.test(root));
}

/** Root over the leaves [from, to) of a tree; both as RFC 6962 cuts it. */
export type Subtree = (from: number, to: number) => Promise<string>;

/** The inclusion proof of RFC 6962 §2.1.1 for the leaf at `index` (from 0) in a tree of `size`, from leaf to root. */
export async function inclusionPath(
  index: number,
  size: number,
  subtree: Subtree,
): Promise<string[]> {
  const path: string[] = [];
  let from = 0;
  let to = size;
  while (to - from > 1) {
    const middle = from + leftSize(to - from);
    if (index < middle) {
      path.push(await subtree(middle, to));
      to = middle;
    } else {
      path.push(await subtree(from, middle));
      from = middle;
    }
  }
  return path.reverse();
}

/** Leaves of the left subtree of a tree with `size` > 1: the greatest power of two below it. */
export function leftSize(size: number): number {
  return 2 ** Math.floor(Math.log2(size - 1));
}

/** The root that a leaf and its path lead to (RFC 9162 §2.1.3.2); undefined for a path of the wrong length. */
export function rootByPath(
  eventHash: string,
  {
    index,
    size,
    path,
  }: { readonly index: number; readonly size: number; readonly path: readonly string[] },
): string | undefined {
  if (index >= size) return undefined;
  let position = index;
  let last = size - 1;
  let root = leafHash(eventHash);
  for (const sibling of path) {
    if (last === 0) return undefined;
    if (position % 2 === 1 || position === last) {
      root = nodeHash(sibling, root);
      while (position % 2 === 0 && position !== 0) {
        position /= 2;
        last = Math.floor(last / 2);
      }
    } else {
      root = nodeHash(root, sibling);
    }
    position = Math.floor(position / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 ? root : undefined;
}
