/// Numbers in a fixed order, outside of reference counting: a column of what is searched often.
///
/// Owned by an object that readers are protected against losing (an open view), so that an access is a
/// bounds check and a load.
@safe
@usableFromInline
package struct FixedColumn<Number: FixedWidthInteger & BitwiseCopyable & Sendable>: ~Copyable,
    // The numbers do not change.
    @unchecked Sendable
{
    @usableFromInline let numbers: UnsafeMutablePointer<Number>
    /// How many there are.
    @usableFromInline package let count: Int

    /// A column with these numbers.
    package init(_ numbers: [Number]) {
        count = numbers.count
        unsafe self.numbers = UnsafeMutablePointer<Number>.allocate(capacity: max(1, numbers.count))
        for (index, number) in numbers.enumerated() {
            unsafe (self.numbers + index).initialize(to: number)
        }
    }

    deinit { unsafe numbers.deallocate() }

    /// The number at `index`.
    @inlinable
    package subscript(index: Int) -> Number {
        precondition(index >= 0 && index < count, "an index inside the column")
        // Safety: the index was just checked.
        return unsafe numbers[index]
    }

    /// The first index in `range` whose number is at least `number`; its upper bound if there is none.
    ///
    /// The numbers must ascend there.
    @inlinable @inline(__always)
    package func firstIndex(notBefore number: Number, in range: Range<Int>) -> Int {
        precondition(
            range.lowerBound >= 0 && range.upperBound <= count,
            "a range inside the column"
        )
        var low = range.lowerBound
        var high = range.upperBound
        while low < high {
            let middle = (low &+ high) / 2
            // Safety: `middle` is inside the range, which was checked.
            if unsafe numbers[middle] < number { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
