/** What the births of Sparkplug edge nodes announced, kept as data for the messages that follow. */

export interface MetricInfo {
  readonly name: string;
  readonly datatype?: number;
  readonly unit?: string;
}

export interface NodeState {
  /** Sequence number of the node's last message. */
  readonly seq: number;
  /** A message was missed, perhaps a birth: aliases may mean something else now. */
  readonly lost: boolean;
  /** By alias (`a:<alias>`) and by device and name (`n:<device>/<name>`). */
  readonly metrics: Readonly<Record<string, MetricInfo>>;
}

export interface SparkplugState {
  /** By `<group>/<edge node>`. */
  readonly nodes: Readonly<Record<string, NodeState>>;
}

/** Edge nodes and announced metrics kept: a packing house has tens of nodes with hundreds of metrics each. */
export const MAX_NODES = 500;
export const MAX_METRICS = 5_000;

export const aliasKey = (alias: number): string => `a:${alias}`;
export const nameKey = (device: string, name: string): string => `n:${device}/${name}`;

/** The node after a message: whether its sequence shows that one was missed. A copy of the last one is no gap. */
export function afterMessage(node: NodeState | undefined, seq: number | undefined): NodeState | undefined {
  if (node === undefined || seq === undefined) return node;
  const follows = seq === (node.seq + 1) % 256 || seq === node.seq;
  return { ...node, seq, lost: node.lost || !follows };
}

/** The state with one node replaced or, without one, taken out. */
export function withNode(
  state: SparkplugState | undefined,
  key: string,
  node: NodeState | undefined,
): SparkplugState {
  const others = Object.entries(state?.nodes ?? {}).filter(([name]) => name !== key);
  const entries = node === undefined ? others : [...others.slice(1 - MAX_NODES), [key, node] as const];
  return { nodes: Object.fromEntries(entries) };
}
