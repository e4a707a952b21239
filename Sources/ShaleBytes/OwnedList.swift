/// A few things that must not be copied, in a row.
///
/// An array cannot hold them. The number is given at the beginning, and they are changed in place.
@safe
@frozen
@usableFromInline
package struct OwnedList<Element: ~Copyable>: ~Copyable {
    @usableFromInline let elements: UnsafeMutablePointer<Element>
    /// How many there are.
    @usableFromInline package private(set) var count = 0
    @usableFromInline let capacity: Int

    /// An empty list with room for `capacity` elements.
    @inlinable package init(capacity: Int) {
        self.capacity = capacity
        unsafe elements = .allocate(capacity: capacity)
    }

    @inlinable deinit {
        // Safety: the first `count` elements were initialized, and nobody else has them.
        unsafe elements.deinitialize(count: count)
        unsafe elements.deallocate()
    }

    /// Appends an element; there must be room.
    package mutating func append(_ element: consuming Element) {
        precondition(count < capacity, "there is room for it")
        // Safety: the place is inside, and nothing is there yet.
        unsafe (elements + count).initialize(to: element)
        count += 1
    }

    /// The element at `index`.
    @inlinable package subscript(index: Int) -> Element {
        @inline(__always) _read {
            precondition(index >= 0 && index < count, "an index inside")
            // Safety: the place is inside, and initialized.
            yield unsafe elements[index]
        }
        @inline(__always) _modify {
            precondition(index >= 0 && index < count, "an index inside")
            // Safety: as above; whoever changes the list has it alone.
            yield unsafe &elements[index]
        }
    }
}

// Safety: the elements have this one owner, and changes need exclusive access.
extension OwnedList: @unchecked Sendable where Element: Sendable & ~Copyable {}
