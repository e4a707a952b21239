internal import CShaleShims

/// Memory for frames, from slabs that huge pages hold.
///
/// A cache of blocks is read at random: most reads of a block miss the processor's caches and, with pages of
/// 4 KiB, its table of pages as well. So frames of similar size share slabs of 2 MiB. Sizes are rounded up by
/// an eighth at most, and to an odd number of cache lines, so that the beginnings of frames spread over the
/// sets of the caches.
///
/// What is small or rare is not worth a slab: the first 2 MiB of frames of a class come from `malloc`, and
/// so do frames of less than 4 and more than 128 KiB. So a process with little in its caches takes little. A
/// slab goes back to the system when its last frame does; one empty slab a class is kept. One pool serves
/// the process, as `malloc` does.
///
///     offset  size  header of a slab
///          0     8  size of its frames
///          8     8  how many of them are in use
///         16     8  the first free frame, each of which names the next one; 0: none
///         24     8  where the part begins that was never handed out
///        128     *  frames
enum FramePool {
    static let slabBytes = 2 * 1024 * 1024
    private static let smallestBytes = 4 * 1024
    private static let doublings = 5
    /// Frames of more than this have no class.
    static let largestBytes = smallestBytes << doublings
    private static let stepsPerDoubling = 8
    private static let lineBytes = 64

    private static let liveOffset = 8
    private static let freeOffset = 16
    private static let untouchedOffset = 24
    private static let headerBytes = 128

    private struct SizeClass: Sendable {
        /// Bytes of its frames that came from `malloc`.
        var looseBytes = 0
        /// Slabs with room; the last is filled first.
        var roomy: [UInt] = []
    }

    private static let classes = (0..<(doublings * stepsPerDoubling)).map { _ in
        Guarded(SizeClass())
    }

    /// Memory for a frame.
    struct Room {
        var place: Place
        /// How much of it there is.
        var size: Int
        /// Whether it came from `malloc`.
        var isLoose: Bool
    }

    /// The class of frames of `count` bytes; nil where slabs do not pay.
    private static func sizeClass(_ count: Int) -> Int? {
        guard count > smallestBytes, count <= largestBytes else { return nil }
        let doubling = (count - 1).bitWidth - (count - 1).leadingZeroBitCount - 1
        let base = 1 << doubling
        let step = base / stepsPerDoubling
        let first = (doubling - smallestBytes.trailingZeroBitCount) * stepsPerDoubling
        return first + (count - base - 1) / step
    }

    /// The size of the frames of a class.
    private static func size(ofClass index: Int) -> Int {
        let base = smallestBytes << (index / stepsPerDoubling)
        let step = base / stepsPerDoubling
        return base + step * (index % stepsPerDoubling + 1) + lineBytes
    }

    /// Memory for at least `count` bytes.
    static func take(_ count: Int) -> Room {
        guard let index = sizeClass(count) else {
            // So that no size is that of a class.
            let size = count > largestBytes ? count + lineBytes : count
            return Room(place: .allocateUninitialized(size), size: size, isLoose: true)
        }
        let size = size(ofClass: index)
        return classes[index].withLock { state in
            if state.roomy.isEmpty, state.looseBytes >= slabBytes { addSlab(size, &state) }
            guard let address = state.roomy.last else {
                state.looseBytes += size
                return Room(place: .allocateUninitialized(size), size: size, isLoose: true)
            }
            let slab = Place(address: address)
            let place = takeFrame(of: slab, size)
            if isFull(slab, size) { state.roomy.removeLast() }
            return Room(place: place, size: size, isLoose: false)
        }
    }

    /// Gives memory back that `take` gave.
    static func give(_ room: Room) {
        guard let index = sizeClass(room.size - lineBytes) else { return room.place.deallocate() }
        classes[index].withLock { state in
            if room.isLoose {
                state.looseBytes -= room.size
                return room.place.deallocate()
            }
            let slab = Place(address: room.place.address & ~UInt(slabBytes - 1))
            if isFull(slab, room.size) { state.roomy.append(slab.address) }
            room.place.store(slab.word(freeOffset), 0)
            slab.store(room.place.word, freeOffset)
            slab.store(slab.word(liveOffset) - 1, liveOffset)
            guard slab.word(liveOffset) == 0, state.roomy.count > 1 else { return }
            state.roomy.removeAll { $0 == slab.address }
            // Safety: it was mapped with this size, and no frame of it is in use.
            let memory = unsafe UnsafeMutableRawPointer(bitPattern: slab.address).unsafelyUnwrapped
            unsafe shale_unmap_slab(memory, slabBytes)
        }
    }

    /// A new slab, if the system has the memory.
    private static func addSlab(_ size: Int, _ state: inout SizeClass) {
        guard let memory = unsafe shale_map_slab(slabBytes) else { return }
        let slab = Place(address: UInt(bitPattern: memory))
        slab.store(UInt64(size), 0)
        slab.store(0, liveOffset)
        slab.store(0, freeOffset)
        slab.store(UInt64(headerBytes), untouchedOffset)
        state.roomy.append(slab.address)
    }

    private static func takeFrame(of slab: Place, _ size: Int) -> Place {
        slab.store(slab.word(liveOffset) + 1, liveOffset)
        let free = Place(word: slab.word(freeOffset))
        guard free.isNowhere else {
            slab.store(free.word(0), freeOffset)
            return free
        }
        let untouched = Int(slab.word(untouchedOffset))
        slab.store(UInt64(untouched + size), untouchedOffset)
        return slab.advanced(untouched)
    }

    private static func isFull(_ slab: Place, _ size: Int) -> Bool {
        slab.word(freeOffset) == 0 && Int(slab.word(untouchedOffset)) + size > slabBytes
    }
}
