/// Builds the bytes that `ItemFormat` draws piece by piece, in whatever order attributes come.
///
/// Made for parsers: no `Item`, no string and no value is made on the way. What a piece cannot be
/// (a number that is none, a name that comes twice, an empty set) is answered with false, and the
/// builder is then of no more use; `ItemEncoder` gives the same bytes for everything else.
///
///     var builder = ItemBuilder()
///     var item = builder.beginItem()
///     builder.name(…, in: &item)
///     builder.string(…)
///     builder.end(item)
///
/// Invariants: what is between a container's start and its last piece is whole attributes, values
/// or elements, in the order they came; `end` brings attributes and elements into theirs.
package struct ItemBuilder: Sendable {
    /// The bytes so far.
    package private(set) var bytes: [UInt8]
    /// What `Item.sizeBytes` of the pieces so far is.
    package private(set) var sizeBytes = 0

    /// An item, map, list or set that is being built.
    package struct Container: Sendable {
        /// Where the first piece is.
        fileprivate let start: Int
        fileprivate let kind: ItemFormat.Kind
        /// The name or element before, where its order is checked.
        fileprivate var previous: Range<Int>?
        fileprivate var isOrdered = true
        /// How many pieces it has.
        package fileprivate(set) var count = 0

        fileprivate init(_ kind: ItemFormat.Kind, start: Int) {
            self.kind = kind
            self.start = start
        }
    }

    /// Nothing yet.
    package init(reservingCapacity capacity: Int = 0) {
        bytes = []
        bytes.reserveCapacity(capacity)
    }

    // MARK: Containers

    /// Begins an item; `end` ends it.
    package mutating func beginItem() -> Container {
        bytes.append(ItemFormat.version)
        return Container(.map, start: bytes.count)
    }

    /// Begins a list, map or set as the value that comes next; `end` ends it.
    package mutating func begin(_ type: AttributeType) -> Container {
        let kind: ItemFormat.Kind =
            switch type {
            case .list: .list
            case .map: .map
            case .stringSet: .stringSet
            case .numberSet: .numberSet
            case .binarySet: .binarySet
            default: preconditionFailure("a \(type) holds no values")
            }
        if kind == .list || kind == .map { sizeBytes += 3 }
        bytes.append(0)
        return Container(kind, start: bytes.count)
    }

    /// Ends an item.
    ///
    /// False when a name came twice.
    package mutating func endItem(_ container: Container) -> Bool { sort(container) }

    /// Ends a list, map or set.
    ///
    /// False when a name or element came twice, or a set is empty.
    package mutating func end(_ container: Container) -> Bool {
        switch container.kind {
        case .list: sizeBytes += container.count
        case .map:
            sizeBytes += container.count
            guard sort(container) else { return false }
        default: guard container.count > 0, sort(container) else { return false }
        }
        setTag(container.kind, at: container.start - 1)
        return true
    }

    // MARK: Pieces

    /// The name of the attribute whose value comes next, UTF-8.
    ///
    /// False when it is empty, or longer than a name may be.
    package mutating func name(_ text: Span<UInt8>, in container: inout Container) -> Bool {
        guard !text.isEmpty, text.count <= ItemLimits.attributeNameSizeBytes else { return false }
        appendVarint(text.count)
        let start = bytes.count
        append(text)
        note(start..<bytes.count, in: &container)
        sizeBytes += text.count
        return true
    }

    /// A value of a list comes next.
    package mutating func element(of container: inout Container) { container.count += 1 }

    /// A text, UTF-8.
    package mutating func string(_ text: Span<UInt8>) {
        appendTag(.string, length: text.count)
        append(text)
        sizeBytes += text.count
    }

    /// Bytes.
    package mutating func binary(_ binary: Span<UInt8>) {
        appendTag(.binary, length: binary.count)
        append(binary)
        sizeBytes += binary.count
    }

    /// A number from its digits; false when they are none that can be stored.
    package mutating func number(_ text: Span<UInt8>) -> Bool {
        let tag = bytes.count
        bytes.append(0)
        guard appendNumber(text) else { return false }
        setTag(.number, at: tag)
        return true
    }

    /// A number.
    package mutating func number(_ number: Number) {
        let tag = bytes.count
        bytes.append(0)
        NumberFormat.append(number, to: &bytes)
        sizeBytes += number.sizeBytes
        setTag(.number, at: tag)
    }

    /// Any value that was made already.
    ///
    /// - Precondition: It is not nested too deep.
    package mutating func value(_ value: AttributeValue) {
        do throws(ItemError) {
            try ItemEncoder.append(value, to: &bytes)
        } catch {
            preconditionFailure("the value cannot be stored: \(error)")
        }
        sizeBytes += value.sizeBytes
    }

    /// True or false.
    package mutating func bool(_ flag: Bool) {
        appendTag(flag ? .trueBool : .falseBool, length: 0)
        sizeBytes += 1
    }

    /// The value null.
    package mutating func null() {
        appendTag(.null, length: 0)
        sizeBytes += 1
    }

    /// A text or bytes of a set.
    package mutating func element(_ element: Span<UInt8>, of container: inout Container) {
        appendVarint(element.count)
        let start = bytes.count
        append(element)
        note(start..<bytes.count, in: &container)
        sizeBytes += element.count
    }

    /// A number of a set; false when it is none.
    package mutating func number(_ text: Span<UInt8>, of container: inout Container) -> Bool {
        let start = bytes.count
        guard appendNumber(text) else { return false }
        note(start..<bytes.count, in: &container)
        return true
    }

    private mutating func appendNumber(_ text: Span<UInt8>) -> Bool {
        // What is wrong with the text is told by who reads the request again with errors: here it only is unusual.
        guard let number = try? Number(utf8: text) else { return false }
        NumberFormat.append(number, to: &bytes)
        sizeBytes += number.sizeBytes
        return true
    }

    // MARK: Order

    /// Notes a name or element, which must ascend.
    private mutating func note(_ range: Range<Int>, in container: inout Container) {
        container.count += 1
        if container.isOrdered, let previous = container.previous {
            container.isOrdered = order(previous, range) < 0
        }
        container.previous = range
    }

    private func order(_ left: Range<Int>, _ right: Range<Int>) -> Int {
        TextOrder.order(bytes.span.extracting(left), bytes.span.extracting(right))
    }

    /// Brings attributes or elements into ascending order; false when two are alike.
    private mutating func sort(_ container: Container) -> Bool {
        guard !container.isOrdered else { return true }
        var pieces = pieces(of: container)
        pieces.sort { left, right in order(left.key, right.key) < 0 }
        for (left, right) in zip(pieces, pieces.dropFirst())
        where order(left.key, right.key) == 0 { return false }
        var sorted: [UInt8] = []
        sorted.reserveCapacity(bytes.count - container.start)
        for piece in pieces { sorted.append(contentsOf: bytes[piece.whole]) }
        bytes.replaceSubrange(container.start..., with: sorted)
        return true
    }

    /// Attributes or elements, each with what it is ordered by.
    private func pieces(
        of container: Container
    ) -> [(whole: Range<Int>, key: Range<Int>)] {
        var pieces: [(whole: Range<Int>, key: Range<Int>)] = []
        pieces.reserveCapacity(container.count)
        var scanner = ItemScanner(container.start..<bytes.count)
        do throws(ItemError) {
            while !scanner.isAtEnd {
                let start = scanner.offset
                if container.kind == .numberSet {
                    _ = try scanner.number(bytes.span)
                    pieces.append((start..<scanner.offset, start..<scanner.offset))
                    continue
                }
                let key = try scanner.lengthPrefixed(bytes.span)
                if container.kind == .map { _ = try scanner.value(bytes.span) }
                pieces.append((start..<scanner.offset, key))
            }
        } catch {
            preconditionFailure("what was just built cannot be read: \(error)")
        }
        return pieces
    }

    // MARK: Bytes

    private mutating func append(_ span: Span<UInt8>) {
        // Safety: the buffer is copied before the closure returns.
        unsafe span.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
    }

    private mutating func appendTag(_ kind: ItemFormat.Kind, length: Int) {
        let short = min(length, ItemFormat.longLength)
        bytes.append(kind.rawValue | UInt8(short) << ItemFormat.lengthShift)
        if short == ItemFormat.longLength { appendVarint(length) }
    }

    /// Writes the tag of a payload that ends with the bytes.
    private mutating func setTag(_ kind: ItemFormat.Kind, at tag: Int) {
        let length = bytes.count - tag - 1
        let short = min(length, ItemFormat.longLength)
        bytes[tag] = kind.rawValue | UInt8(short) << ItemFormat.lengthShift
        guard short == ItemFormat.longLength else { return }
        // Moves the payload by the one to three bytes of its length: less than measuring it first.
        var place = tag + 1
        var rest = UInt(length)
        while rest >= 0x80 {
            bytes.insert(UInt8(truncatingIfNeeded: rest) | 0x80, at: place)
            place += 1
            rest >>= 7
        }
        bytes.insert(UInt8(rest), at: place)
    }

    private mutating func appendVarint(_ value: Int) {
        var rest = UInt(value)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }
}
