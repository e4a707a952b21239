/// The memory of one stripe of an entry table: a list of chunks that is only ever added to.
///
/// What was handed out stays where it is until the table dies, so readers need no lock. Chunks grow with
/// what they hold, from 256 bytes to those of the pool; something larger gets a chunk of its own.
///
/// A reference is a half word: the number of the chunk, and in the low 15 bits the offset in it, in
/// words. 0 refers to nothing. It is resolved through the directory of chunks:
///
///     offset  size  field
///          0     8  the directory before it, which was too small
///          8     8  room: number of chunks it can hold
///         16   8*n  address of each chunk; bit 0: it belongs to the pool
struct StripeArena {
    private static let firstChunkBytes = 256
    private static let offsetBits: UInt32 = 15
    private static let directoryHeader = 16
    private static let wordBytes = 8
    /// Offset 0 of a chunk holds nothing, so that no reference is 0.
    private static let reservedBytes = 8

    let control: Place
    let pool: ChunkPool

    /// Room for `count` bytes, aligned to words.
    ///
    /// Under the stripe's lock.
    func allocate(_ count: Int) -> (place: Place, reference: UInt32) {
        let size = (count + Self.wordBytes - 1) & ~(Self.wordBytes - 1)
        let used = Int(control.half(StripeControl.usedOffset))
        let room = Int(control.half(StripeControl.roomOffset))
        if used + size > room { return allocateInFreshChunk(size) }
        control.store(half: UInt32(used + size), StripeControl.usedOffset)
        let number = control.half(StripeControl.currentChunkOffset)
        return (chunk(number).advanced(used), reference(number, used))
    }

    /// Where a reference leads.
    @inline(__always)
    func resolve(_ reference: UInt32) -> Place {
        chunk(reference >> Self.offsetBits)
            .advanced(Int(reference & ((1 << Self.offsetBits) - 1)) * Self.wordBytes)
    }

    /// Gives all memory back.
    ///
    /// Once, when nobody looks at the table any more.
    func deallocate() {
        var directory = Place(word: control.word(StripeControl.directoryOffset))
        var pooled: [Place] = []
        for number in 0..<Int(control.half(StripeControl.chunkCountOffset)) {
            let entry = directory.word(Self.directoryHeader + number * Self.wordBytes)
            let chunk = Place(word: entry & ~1)
            if entry & 1 == 1 { pooled.append(chunk) } else { chunk.deallocate() }
        }
        pool.give(pooled)
        pool.count(-Int(control.word(StripeControl.allocatedOffset)))
        while !directory.isNowhere {
            let previous = Place(word: directory.word(0))
            directory.deallocate()
            directory = previous
        }
    }

    /// Counts memory that the stripe has taken, in its control and in the pool's account.
    func count(_ size: Int) {
        let total = control.word(StripeControl.allocatedOffset) &+ UInt64(size)
        control.release(total, StripeControl.allocatedOffset)
        pool.count(size)
    }

    @inline(__always)
    private func reference(_ number: UInt32, _ offset: Int) -> UInt32 {
        number << Self.offsetBits | UInt32(offset / Self.wordBytes)
    }

    @inline(__always)
    private func chunk(_ number: UInt32) -> Place {
        let directory = Place(word: control.acquire(StripeControl.directoryOffset))
        return Place(
            word: directory.word(Self.directoryHeader + Int(number) * Self.wordBytes) & ~1
        )
    }

    private func allocateInFreshChunk(_ size: Int) -> (place: Place, reference: UInt32) {
        let needed = size + Self.reservedBytes
        let total = Int(control.word(StripeControl.allocatedOffset))
        let usual = min(ChunkPool.chunkBytes, max(Self.firstChunkBytes, Self.powerOfTwo(total)))
        if needed > ChunkPool.chunkBytes {
            // The current chunk goes on afterwards.
            let number = addChunk(Place.allocateUninitialized(needed), needed, isPooled: false)
            return (
                chunk(number).advanced(Self.reservedBytes), reference(number, Self.reservedBytes)
            )
        }
        let capacity = max(usual, min(ChunkPool.chunkBytes, Self.powerOfTwo(needed)))
        let isPooled = capacity == ChunkPool.chunkBytes
        let memory = isPooled ? pool.take() : Place.allocateUninitialized(capacity)
        let number = addChunk(memory, capacity, isPooled: isPooled)
        control.store(half: number, StripeControl.currentChunkOffset)
        control.store(half: UInt32(capacity), StripeControl.roomOffset)
        control.store(half: UInt32(needed), StripeControl.usedOffset)
        return (memory.advanced(Self.reservedBytes), reference(number, Self.reservedBytes))
    }

    /// The least power of two that is not less.
    private static func powerOfTwo(_ count: Int) -> Int {
        count <= 1 ? 1 : 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount)
    }

    private func addChunk(_ memory: Place, _ size: Int, isPooled: Bool) -> UInt32 {
        let number = control.half(StripeControl.chunkCountOffset)
        precondition(number < 1 << (UInt32.bitWidth - Int(Self.offsetBits)), "the arena has room")
        let directory = roomyDirectory(Int(number))
        directory.store(
            memory.word | (isPooled ? 1 : 0),
            Self.directoryHeader + Int(number) * Self.wordBytes
        )
        control.store(half: number + 1, StripeControl.chunkCountOffset)
        count(size)
        return number
    }

    /// The directory, with room for one more chunk; readers may keep looking at the one before.
    private func roomyDirectory(_ chunks: Int) -> Place {
        let old = Place(word: control.word(StripeControl.directoryOffset))
        let room = old.isNowhere ? 0 : Int(old.word(8))
        guard chunks == room else { return old }
        let grown = max(4, 2 * room)
        let size = Self.directoryHeader + grown * Self.wordBytes
        let directory = Place.allocate(size)
        directory.store(old.word, 0)
        directory.store(UInt64(grown), 8)
        if !old.isNowhere {
            directory.copy(
                from: old,
                Self.directoryHeader,
                to: Self.directoryHeader,
                count: chunks * Self.wordBytes
            )
        }
        count(size)
        control.release(directory.word, StripeControl.directoryOffset)
        return directory
    }
}

/// What a stripe is made of, in two cache lines: the first is the writers', the second the readers'.
///
///     offset  size  field
///          0     4  lock of writers and of scans
///          4     4  number of entries
///          8     4  newest entry that has no place in the order yet (a reference)
///         12     4  number of the chunk that is being filled
///         16     4  bytes used in it
///         20     4  bytes it has room for
///         24     8  root of the order; 0 while nobody has asked for it
///         32     8  changes of the order
///         40     4  number of chunks
///         48     8  bytes that the stripe has taken from the system or the pool
///         64     8  hash index
///         72     8  directory of chunks
enum StripeControl {
    static let lockOffset = 0
    static let countOffset = 4
    static let pendingOffset = 8
    static let currentChunkOffset = 12
    static let usedOffset = 16
    static let roomOffset = 20
    static let rootOffset = 24
    static let changesOffset = 32
    static let chunkCountOffset = 40
    static let allocatedOffset = 48
    static let indexOffset = 64
    static let directoryOffset = 72
    static let sizeBytes = 128
}
