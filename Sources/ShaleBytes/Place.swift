internal import CShaleShims

/// An address in memory that a kernel of this folder owns, with loads and stores at offsets from it.
///
/// Nothing is bounds-checked here: whoever makes a place knows the layout of what lies there, which is
/// drawn in the file of each kernel. Only kernels make places.
// Safe: every use is inside a kernel that allocated the memory and keeps it until it dies itself.
@safe
struct Place: Equatable, @unchecked Sendable {
    let address: UInt

    static let nowhere = Place(address: 0)

    @inline(__always) init(address: UInt) { self.address = address }
    @inline(__always) init(word: UInt64) { address = UInt(truncatingIfNeeded: word) }

    @inline(__always) var isNowhere: Bool { address == 0 }
    @inline(__always) var word: UInt64 { UInt64(truncatingIfNeeded: address) }

    @inline(__always) private var pointer: UnsafeMutableRawPointer {
        // Safety: a kernel never looks at `nowhere`.
        unsafe UnsafeMutableRawPointer(bitPattern: address).unsafelyUnwrapped
    }

    @inline(__always) func advanced(_ offset: Int) -> Place {
        Place(address: address &+ UInt(bitPattern: offset))
    }

    // Safety of all below: the offset lies in the kernel's own allocation, aligned for its type.

    @inline(__always) func word(_ offset: Int) -> UInt64 {
        unsafe pointer.load(fromByteOffset: offset, as: UInt64.self)
    }

    @inline(__always) func half(_ offset: Int) -> UInt32 {
        unsafe pointer.load(fromByteOffset: offset, as: UInt32.self)
    }

    @inline(__always) func store(_ word: UInt64, _ offset: Int) {
        unsafe pointer.storeBytes(of: word, toByteOffset: offset, as: UInt64.self)
    }

    @inline(__always) func store(half: UInt32, _ offset: Int) {
        unsafe pointer.storeBytes(of: half, toByteOffset: offset, as: UInt32.self)
    }

    /// A word that another thread may have released: what it stored before is then seen as well.
    @inline(__always) func acquire(_ offset: Int) -> UInt64 {
        unsafe shale_load_acquire((pointer + offset).assumingMemoryBound(to: UInt64.self))
    }

    @inline(__always) func release(_ word: UInt64, _ offset: Int) {
        unsafe shale_store_release((pointer + offset).assumingMemoryBound(to: UInt64.self), word)
    }

    @inline(__always) func copy(_ bytes: LentBytes, to offset: Int) {
        guard bytes.count > 0 else { return }
        unsafe (pointer + offset).copyMemory(from: bytes.unsafeStart, byteCount: bytes.count)
    }

    @inline(__always) func move(from: Int, to: Int, count: Int) {
        guard count > 0 else { return }
        unsafe (pointer + to).copyMemory(from: pointer + from, byteCount: count)
    }

    @inline(__always) func copy(from other: Place, _ offset: Int, to: Int, count: Int) {
        guard count > 0 else { return }
        unsafe (pointer + to).copyMemory(from: other.pointer + offset, byteCount: count)
    }

    @inline(__always) func lent(_ offset: Int, count: Int) -> LentBytes {
        unsafe LentBytes(unsafeStart: UnsafeRawPointer(pointer + offset), count: count)
    }

    @inline(__always) func prefetch() { shale_prefetch(uintptr_t(address)) }

    /// A lock in the half word at `offset`.
    @inline(__always) func takeLock(_ offset: Int) {
        unsafe shale_lock_take((pointer + offset).assumingMemoryBound(to: UInt32.self))
    }

    @inline(__always) func giveLock(_ offset: Int) {
        unsafe shale_lock_give((pointer + offset).assumingMemoryBound(to: UInt32.self))
    }

    /// Zeroed memory, aligned to a cache line from 64 bytes on.
    static func allocate(_ count: Int) -> Place {
        let alignment = count >= 64 ? 64 : 8
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: alignment)
        unsafe memory.initializeMemory(as: UInt8.self, repeating: 0, count: count)
        return Place(address: UInt(bitPattern: memory))
    }

    /// Memory with whatever is in it.
    static func allocateUninitialized(_ count: Int) -> Place {
        let alignment = count >= 64 ? 64 : 8
        let memory = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: alignment)
        return Place(address: UInt(bitPattern: memory))
    }

    func deallocate() { unsafe pointer.deallocate() }
}
