internal import CShaleShims
internal import Synchronization

/// Chunks of memory that go from one dead table to the next living one.
///
/// The first touch of a fresh page costs more than what is written into it, so memory that was once
/// touched is kept: as much as `retainedBytes`. It comes from the system in slabs of 2 MiB, which a
/// huge page holds; a slab goes back when all its chunks are free and enough others are.
package final class ChunkPool: Sendable {
    /// Of one chunk.
    package static let chunkBytes = 256 * 1024
    static let slabBytes = 2 * 1024 * 1024
    private static let chunksPerSlab = slabBytes / chunkBytes

    private struct State: Sendable {
        var free: [Place] = []
        /// Free chunks of each slab, by its address.
        var slabs: [UInt: Int] = [:]
    }

    private let state = Mutex(State())
    private let retainedChunks: Int
    private let used = Atomic<Int>(0)

    /// A pool that keeps up to this much free memory.
    package init(retainedBytes: Int) {
        retainedChunks = max(0, retainedBytes / Self.chunkBytes)
    }

    deinit {
        state.withLock { state in
            for slab in state.slabs.keys { Self.unmap(slab) }
        }
    }

    /// Memory that waits for its next use.
    package var freeBytes: Int { state.withLock { $0.free.count } * Self.chunkBytes }

    /// Memory of all tables of this pool that still live: whole chunks, indexes, all.
    package var usedBytes: Int { used.load(ordering: .relaxed) }

    /// Counts memory that a table has taken, from here or elsewhere.
    func count(_ bytes: Int) { used.add(bytes, ordering: .relaxed) }

    /// A chunk, with whatever is in it.
    func take() -> Place {
        state.withLock { state in
            if state.free.isEmpty { Self.addSlab(&state) }
            guard let chunk = state.free.popLast() else {
                preconditionFailure("a slab has chunks")
            }
            state.slabs[Self.slab(of: chunk), default: 0] -= 1
            return chunk
        }
    }

    /// Gives chunks back that nobody looks at any more.
    func give(_ chunks: [Place]) {
        guard !chunks.isEmpty else { return }
        state.withLock { state in
            for chunk in chunks {
                state.free.append(chunk)
                state.slabs[Self.slab(of: chunk), default: 0] += 1
            }
            guard state.free.count > retainedChunks else { return }
            let unused = state.slabs.filter { $0.value == Self.chunksPerSlab }.keys.sorted()
            let surplus = (state.free.count - retainedChunks) / Self.chunksPerSlab
            let dropped = Set(unused.suffix(surplus))
            state.free.removeAll { dropped.contains(Self.slab(of: $0)) }
            for slab in dropped {
                state.slabs[slab] = nil
                Self.unmap(slab)
            }
        }
    }

    private static func slab(of chunk: Place) -> UInt { chunk.address & ~UInt(slabBytes - 1) }

    private static func addSlab(_ state: inout State) {
        guard let memory = unsafe shale_map_slab(slabBytes) else {
            preconditionFailure("the system has memory for a slab")
        }
        let slab = UInt(bitPattern: memory)
        state.slabs[slab] = chunksPerSlab
        for index in (0..<chunksPerSlab).reversed() {
            state.free.append(Place(address: slab + UInt(index * chunkBytes)))
        }
    }

    private static func unmap(_ slab: UInt) {
        guard let memory = unsafe UnsafeMutableRawPointer(bitPattern: slab) else { return }
        // Safety: the slab was mapped with this size, and none of its chunks is in use.
        unsafe shale_unmap_slab(memory, slabBytes)
    }
}
