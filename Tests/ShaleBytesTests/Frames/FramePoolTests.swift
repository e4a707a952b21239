import Testing

@testable import ShaleBytes

/// The pool serves the whole process, so tests look at what they took themselves.
struct FramePoolTests {
    /// Sizes around the bounds of classes, and some between.
    private static let sizes = [
        65, 4_000, 4_096, 4_097, 4_608, 4_609, 8_192, 8_193, 9_000, 12_288, 65_536, 100_000,
        131_072, 131_073, 131_100, 131_136, 131_137, 500_000,
    ]

    @Test func `memory is as large as asked for, and not much larger`() {
        for size in Self.sizes {
            let room = FramePool.take(size)
            #expect(room.size >= size)
            #expect(room.size <= size + size / 8 + 64)
            #expect(room.place.address.isMultiple(of: 64))
            FramePool.give(room)
        }
    }

    @Test func `frames that live at the same time do not overlap`() {
        var random = EntryTableTests.Draws(seed: 7)
        var rooms: [(room: FramePool.Room, stamp: UInt64)] = []
        for step in 0..<20_000 {
            if rooms.count > 1_500 || (step % 3 == 0 && !rooms.isEmpty) {
                let taken = rooms.swapRemove(at: random.below(rooms.count))
                let last = taken.room.size / 8 * 8 - 8
                #expect(taken.room.place.word(0) == taken.stamp)
                #expect(taken.room.place.word(last) == taken.stamp)
                FramePool.give(taken.room)
            } else {
                let size =
                    step % 2 == 0 ? Self.sizes[random.below(Self.sizes.count)] : 8_200
                let room = FramePool.take(size)
                room.place.store(UInt64(step), 0)
                room.place.store(UInt64(step), room.size / 8 * 8 - 8)
                rooms.append((room, UInt64(step)))
            }
        }
        for (room, stamp) in rooms {
            #expect(room.place.word(0) == stamp)
            FramePool.give(room)
        }
    }

    @Test func `many frames of one size come from slabs, and go back to them`() {
        let size = 60_000
        let rooms = (0..<200).map { _ in FramePool.take(size) }
        let slabbed = rooms.filter { !$0.isLoose }
        // The first 2 MiB are from elsewhere.
        #expect(slabbed.count > 150)
        let mask = ~UInt(FramePool.slabBytes - 1)
        #expect(Set(slabbed.map { $0.place.address & mask }).count <= slabbed.count / 30 + 2)
        for room in rooms { FramePool.give(room) }
        let again = FramePool.take(size)
        #expect(!again.isLoose)
        FramePool.give(again)
    }
}

extension Array {
    /// Takes an element out; the last one goes to its place.
    fileprivate mutating func swapRemove(at index: Int) -> Element {
        swapAt(index, count - 1)
        return removeLast()
    }
}
