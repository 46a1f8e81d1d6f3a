interface Entry<Item> {
  readonly at: number;
  readonly order: number;
  readonly item: Item;
}

const before = <Item>(one: Entry<Item>, other: Entry<Item>): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order);

/** Items by time, earliest first; items of the same time in the order they were added. A binary heap. */
export class Agenda<Item> {
  readonly #heap: Entry<Item>[] = [];
  #added = 0;

  get size(): number {
    return this.#heap.length;
  }

  /** Time of the earliest item; undefined when there is none. */
  get nextAt(): number | undefined {
    return this.#heap[0]?.at;
  }

  add(at: number, item: Item): void {
    const heap = this.#heap;
    const entry: Entry<Item> = { at, order: this.#added++, item };
    let index = heap.length;
    heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = heap[parent] as Entry<Item>;
      if (!before(entry, above)) break;
      heap[index] = above;
      index = parent;
    }
    heap[index] = entry;
  }

  /** Removes and returns the earliest item; undefined when there is none. */
  take(): Item | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return undefined;
    if (heap.length === 0) return first.item;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      const right = child + 1;
      if (right < heap.length && before(heap[right] as Entry<Item>, heap[child] as Entry<Item>)) child = right;
      const below = heap[child] as Entry<Item>;
      if (!before(below, last)) break;
      heap[index] = below;
      index = child;
    }
    heap[index] = last;
    return first.item;
  }
}
