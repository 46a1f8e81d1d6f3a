import kafkajs, { type PartitionAssigner } from 'kafkajs';

/** What a member of the group says when it joins. */
export interface MemberClaim {
  readonly member: string;
  /** Partitions it works on and keeps working on through the rebalance. */
  readonly holding: readonly number[];
  /** Partitions it is draining: nobody may have them yet. */
  readonly releasing: readonly number[];
}

/**
 * Who gets which of the partitions `0` to `partitions - 1`. Cooperative, as KIP-429 has it: everybody keeps what they
 * hold up to a fair share; what someone must give up goes to nobody in this round. Its holder drains it and asks for
 * another round, in which it is free. So a partition is never with two members, and those that stay are not
 * interrupted.
 */
export const assignPartitions = (partitions: number, claims: readonly MemberClaim[]): Map<string, number[]> => {
  // Those who hold most keep the extra partition of an uneven division: fewest moves.
  const members = [...claims].sort((a, b) => b.holding.length - a.holding.length || (a.member < b.member ? -1 : 1));
  const share = Math.floor(partitions / members.length);
  const extra = partitions % members.length;
  const spoken = new Set(members.flatMap((claim) => [...claim.holding, ...claim.releasing]));
  const releasing = new Set(members.flatMap((claim) => claim.releasing));
  const kept = new Set<number>();
  const assignment = new Map<string, number[]>();
  const room = new Map<string, number>();

  for (const [rank, { member, holding }] of members.entries()) {
    const quota = share + (rank < extra ? 1 : 0);
    const mine = [...holding]
      .filter((partition) => partition < partitions && !releasing.has(partition) && !kept.has(partition))
      .sort((a, b) => a - b)
      .slice(0, quota);
    for (const partition of mine) kept.add(partition);
    assignment.set(member, mine);
    room.set(member, quota - mine.length);
  }
  for (let partition = 0; partition < partitions; partition += 1) {
    if (spoken.has(partition)) continue;
    const [next] = [...room].sort((a, b) => b[1] - a[1]);
    if (!next || next[1] === 0) break;
    assignment.get(next[0])?.push(partition);
    room.set(next[0], next[1] - 1);
  }
  return assignment;
};

/** What this process would claim right now, and the member id under which it came to hold it. */
export interface CurrentClaim extends MemberClaim {
  readonly member: string;
}

const PROTOCOL_VERSION = 1;

/**
 * The kafkajs side of {@link assignPartitions}: a claim travels as the member's user data. A claim made under another
 * member id is void: its maker was out of the group for a while, and others may have taken over.
 */
export const cooperativeAssigner =
  (topic: string, claim: () => CurrentClaim): PartitionAssigner =>
  ({ cluster }) => ({
    name: 'queuecast-cooperative',
    version: PROTOCOL_VERSION,
    protocol: ({ topics }) => ({
      name: 'queuecast-cooperative',
      metadata: kafkajs.AssignerProtocol.MemberMetadata.encode({
        version: PROTOCOL_VERSION,
        topics,
        userData: Buffer.from(JSON.stringify(claim())),
      }),
    }),
    // eslint-disable-next-line @typescript-eslint/require-await -- the interface is asynchronous
    assign: async ({ members }) => {
      const claims = members.map(({ memberId, memberMetadata }) => readClaim(memberId, memberMetadata));
      const assignment = assignPartitions(cluster.findTopicPartitionMetadata(topic).length, claims);
      return [...assignment].map(([memberId, partitions]) => ({
        memberId,
        memberAssignment: kafkajs.AssignerProtocol.MemberAssignment.encode({
          version: PROTOCOL_VERSION,
          assignment: { [topic]: partitions },
          userData: Buffer.alloc(0),
        }),
      }));
    },
  });

const readClaim = (member: string, metadata: Buffer): MemberClaim => {
  const decoded = kafkajs.AssignerProtocol.MemberMetadata.decode(metadata);
  const claim = JSON.parse(decoded?.userData.toString() ?? '{}') as Partial<CurrentClaim>;
  if (claim.member !== member) return { member, holding: [], releasing: [] };
  return { member, holding: claim.holding ?? [], releasing: claim.releasing ?? [] };
};
