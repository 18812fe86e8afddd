/** One row a chain: what the next event is appended to. */
export interface ChainRow {
  readonly chain: string;
  readonly size: number;
  /** Hash of the last event, and the roots of the full subtrees as a JSON list. */
  readonly head: string;
  readonly frontier: string;
  /** Events that retention has taken from the beginning, and the same two of what they were. */
  readonly pruned_size: number;
  readonly pruned_head: string;
  readonly pruned_frontier: string;
}

export interface EventRow {
  readonly chain: string;
  readonly seq: number;
  readonly id: string;
  readonly name: string;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly hash: string;
  /** Canonical JSON of the event. */
  readonly body: string;
}

/** What an event is about, to find it by: not evidence, made anew from the events at any time. */
export interface SubjectRow {
  readonly chain: string;
  readonly subject: string;
  readonly seq: number;
}

/** Root of a full subtree of the Merkle tree with {@link NODE_LEAVES} leaves: proofs need not read a million events. */
export interface NodeRow {
  readonly chain: string;
  readonly position: number;
  readonly root: string;
}
export const NODE_LEAVES = 256;

/** A text that the chain holds a salted commitment to. Erasure removes the row. */
export interface PrivateRow {
  readonly chain: string;
  readonly commitment: string;
  readonly salt: string;
  readonly body: string;
  /** Workflow whose erasure takes it away; empty for those of no run. */
  readonly workflow_id: string;
}

export interface AuditTables {
  readonly audit_chains: ChainRow;
  readonly audit_events: EventRow;
  readonly audit_subjects: SubjectRow;
  readonly audit_nodes: NodeRow;
  readonly audit_private: PrivateRow;
}
