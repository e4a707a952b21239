/// The order of a stripe's entries: a B+tree with a digest of eight bytes beside each entry.
///
/// All keys that can come into a node lie between the two separators around it, so they share what
/// those two share, and the digest is taken behind that: within one partition key it is made of the sort
/// key's own bytes. Only equal digests need a look at the keys themselves.
///
///     offset  size  field
///          0     4  number of entries, or of children
///          4     4  0: a leaf, 1: an inner node
///          8     4  P, how many bytes all keys of the node are known to share
///         16     8  the next leaf
///         24     8  the leaf before
///         32  8*32  digests: the eight bytes behind P, ascending
///        288  8*32  entries; of an inner node the separators, of which the first is never looked at
///        544  8*32  children (inner nodes only)
///
/// Everything here happens under the stripe's lock.
struct OrderedIndex {
    static let nodeRoom = 32
    private static let countOffset = 0
    private static let kindOffset = 4
    private static let prefixOffset = 8
    private static let nextOffset = 16
    private static let beforeOffset = 24
    private static let digestsOffset = 32
    private static let entriesOffset = digestsOffset + 8 * nodeRoom
    private static let childrenOffset = entriesOffset + 8 * nodeRoom
    private static let leafBytes = childrenOffset
    private static let innerBytes = childrenOffset + 8 * nodeRoom

    let control: Place
    let arena: StripeArena

    var root: Place { Place(word: control.word(StripeControl.rootOffset)) }

    // MARK: Searching

    /// A place in the order: an entry of a leaf, or the end of one.
    struct Position {
        var leaf: Place
        var slot: Int
    }

    /// The first entry that is not less than `key`.
    func lowerBound(_ key: LentBytes) -> Position {
        var node = root
        while Self.isInner(node) { node = Self.child(node, childIndex(node, key)) }
        return normalized(Position(leaf: node, slot: slot(node, key)))
    }

    /// Behind the last entry.
    var end: Position {
        var node = root
        while Self.isInner(node) { node = Self.child(node, Self.count(node) - 1) }
        return Position(leaf: node, slot: Self.count(node))
    }

    /// At the end of a leaf that has a next one, the beginning of that.
    private func normalized(_ position: Position) -> Position {
        guard position.slot == Self.count(position.leaf) else { return position }
        let next = Self.next(position.leaf)
        return next.isNowhere ? position : Position(leaf: next, slot: 0)
    }

    /// The first slot whose entry is not less than `key`.
    private func slot(_ node: Place, _ key: LentBytes) -> Int {
        Self.search(node, key, from: 0)
    }

    /// The child whose keys include `key`: that of the last separator that is not greater.
    private func childIndex(_ node: Place, _ key: LentBytes) -> Int {
        let first = Self.search(node, key, from: 1)
        guard first < Self.count(node),
            LentBytes.areEqual(EntryLayout.key(Self.entry(node, first)), key)
        else { return first - 1 }
        return first
    }

    private static func search(_ node: Place, _ key: LentBytes, from start: Int) -> Int {
        let digest = key.digest(from: Int(node.half(prefixOffset)))
        var low = start
        var high = count(node)
        while low < high {
            let middle = (low + high) / 2
            let other = node.word(digestsOffset + 8 * middle)
            let isLess =
                other != digest
                ? other < digest
                : LentBytes.compare(EntryLayout.key(entry(node, middle)), key) < 0
            if isLess { low = middle + 1 } else { high = middle }
        }
        return low
    }

    // MARK: Adding

    private func noteChange() {
        control.store(
            control.word(StripeControl.changesOffset) &+ 1,
            StripeControl.changesOffset
        )
    }

    private struct Split {
        var separator: Place
        var right: Place
    }

    /// Gives an entry that is not there yet its place.
    func add(_ entry: Place) {
        let key = EntryLayout.key(entry)
        noteChange()
        guard let split = add(entry, key, to: root, Place.nowhere, Place.nowhere) else { return }
        let grown = makeNode(isInner: true)
        Self.put(grown, 0, Self.entry(root, 0), child: root)
        Self.put(grown, 1, split.separator, child: split.right)
        grown.store(half: 2, Self.countOffset)
        control.store(grown.word, StripeControl.rootOffset)
    }

    /// `lower` and `upper` are the separators around the node.
    private func add(
        _ entry: Place,
        _ key: LentBytes,
        to node: Place,
        _ lower: Place,
        _ upper: Place
    ) -> Split? {
        guard Self.isInner(node) else { return add(entry, at: slot(node, key), node, lower, upper) }
        let index = childIndex(node, key)
        let split = add(
            entry,
            key,
            to: Self.child(node, index),
            index == 0 ? lower : Self.entry(node, index),
            index + 1 < Self.count(node) ? Self.entry(node, index + 1) : upper
        )
        guard let split else { return nil }
        return add(split.separator, child: split.right, at: index + 1, node, lower, upper)
    }

    /// Puts an entry, or a separator with its child, into a node, and cuts the node if it is full.
    private func add(
        _ entry: Place,
        child: Place = .nowhere,
        at slot: Int,
        _ node: Place,
        _ lower: Place,
        _ upper: Place
    ) -> Split? {
        guard Self.count(node) == Self.nodeRoom else {
            Self.insert(entry, child, at: slot, node)
            return nil
        }
        // Keys that ascend fill the nodes they leave behind.
        let cut = slot == Self.nodeRoom ? Self.nodeRoom : Self.nodeRoom / 2
        let right = makeNode(isInner: Self.isInner(node))
        Self.moveTail(of: node, from: cut, to: right)
        let separator = cut == Self.nodeRoom ? entry : Self.entry(right, 0)
        if !Self.isInner(node) { Self.link(right, behind: node) }
        Self.setPrefix(node, lower, separator)
        Self.setPrefix(right, separator, upper)
        if slot <= cut && cut < Self.nodeRoom {
            Self.insert(entry, child, at: slot, node)
        } else {
            Self.insert(entry, child, at: slot - cut, right)
        }
        return Split(separator: separator, right: right)
    }

    // MARK: Building

    /// Makes the order of entries that ascend; there is none yet.
    func build(_ entries: [Place]) {
        noteChange()
        var level: [(first: Place, node: Place)] = []
        var last = Place.nowhere
        for start in stride(from: 0, to: entries.count, by: Self.nodeRoom) {
            let end = min(start + Self.nodeRoom, entries.count)
            let leaf = makeNode(isInner: false)
            let upper = end < entries.count ? entries[end] : .nowhere
            Self.setPrefix(leaf, start == 0 ? .nowhere : entries[start], upper)
            for index in start..<end { Self.put(leaf, index - start, entries[index]) }
            leaf.store(half: UInt32(end - start), Self.countOffset)
            if !last.isNowhere { Self.link(leaf, behind: last) }
            last = leaf
            level.append((entries[start], leaf))
        }
        if level.isEmpty { level.append((.nowhere, makeNode(isInner: false))) }
        while level.count > 1 { level = buildLevel(level) }
        control.store(level[0].node.word, StripeControl.rootOffset)
    }

    private func buildLevel(_ below: [(first: Place, node: Place)]) -> [(Place, Place)] {
        var level: [(Place, Place)] = []
        for start in stride(from: 0, to: below.count, by: Self.nodeRoom) {
            let end = min(start + Self.nodeRoom, below.count)
            let node = makeNode(isInner: true)
            let upper = end < below.count ? below[end].first : .nowhere
            Self.setPrefix(node, start == 0 ? .nowhere : below[start].first, upper)
            for index in start..<end {
                Self.put(node, index - start, below[index].first, child: below[index].node)
            }
            node.store(half: UInt32(end - start), Self.countOffset)
            level.append((below[start].first, node))
        }
        return level
    }

    // MARK: Nodes

    private func makeNode(isInner: Bool) -> Place {
        let node = arena.allocate(isInner ? Self.innerBytes : Self.leafBytes).place
        node.store(half: 0, Self.countOffset)
        node.store(half: isInner ? 1 : 0, Self.kindOffset)
        node.store(half: 0, Self.prefixOffset)
        node.store(0, Self.nextOffset)
        node.store(0, Self.beforeOffset)
        return node
    }

    @inline(__always) static func count(_ node: Place) -> Int { Int(node.half(countOffset)) }
    @inline(__always) static func isInner(_ node: Place) -> Bool { node.half(kindOffset) == 1 }
    @inline(__always) static func next(_ leaf: Place) -> Place {
        Place(word: leaf.word(nextOffset))
    }
    @inline(__always) static func before(_ leaf: Place) -> Place {
        Place(word: leaf.word(beforeOffset))
    }
    @inline(__always) static func entry(_ node: Place, _ slot: Int) -> Place {
        Place(word: node.word(entriesOffset + 8 * slot))
    }
    @inline(__always) private static func child(_ node: Place, _ slot: Int) -> Place {
        Place(word: node.word(childrenOffset + 8 * slot))
    }

    /// Fills a slot; the node's prefix is known.
    private static func put(_ node: Place, _ slot: Int, _ entry: Place, child: Place = .nowhere) {
        let prefix = Int(node.half(prefixOffset))
        node.store(EntryLayout.key(entry).digest(from: prefix), digestsOffset + 8 * slot)
        node.store(entry.word, entriesOffset + 8 * slot)
        if isInner(node) { node.store(child.word, childrenOffset + 8 * slot) }
    }

    private static func insert(_ entry: Place, _ child: Place, at slot: Int, _ node: Place) {
        shift(node, digestsOffset, from: slot)
        shift(node, entriesOffset, from: slot)
        if isInner(node) { shift(node, childrenOffset, from: slot) }
        put(node, slot, entry, child: child)
        node.store(half: UInt32(count(node) + 1), countOffset)
    }

    /// Makes room at `slot` of one of the node's arrays.
    private static func shift(_ node: Place, _ base: Int, from slot: Int) {
        let from = base + 8 * slot
        node.move(from: from, to: from + 8, count: 8 * (count(node) - slot))
    }

    private static func moveTail(of node: Place, from cut: Int, to right: Place) {
        let moved = count(node) - cut
        right.store(half: node.half(prefixOffset), prefixOffset)
        right.copy(from: node, digestsOffset + 8 * cut, to: digestsOffset, count: 8 * moved)
        right.copy(from: node, entriesOffset + 8 * cut, to: entriesOffset, count: 8 * moved)
        if isInner(node) {
            right.copy(from: node, childrenOffset + 8 * cut, to: childrenOffset, count: 8 * moved)
        }
        right.store(half: UInt32(moved), countOffset)
        node.store(half: UInt32(cut), countOffset)
    }

    private static func link(_ leaf: Place, behind other: Place) {
        let next = next(other)
        leaf.store(next.word, nextOffset)
        leaf.store(other.word, beforeOffset)
        other.store(leaf.word, nextOffset)
        if !next.isNowhere { next.store(leaf.word, beforeOffset) }
    }

    /// The separators around a node say what its keys share; digests are made anew if that is more, or
    /// other, than before.
    private static func setPrefix(_ node: Place, _ lower: Place, _ upper: Place) {
        guard !lower.isNowhere, !upper.isNowhere else { return }
        let shared = LentBytes.commonPrefix(EntryLayout.key(lower), EntryLayout.key(upper))
        guard shared != Int(node.half(prefixOffset)) else { return }
        node.store(half: UInt32(shared), prefixOffset)
        for slot in 0..<count(node) {
            let digest = EntryLayout.key(entry(node, slot)).digest(from: shared)
            node.store(digest, digestsOffset + 8 * slot)
        }
    }
}
