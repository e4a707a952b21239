internal import CPeers

/// A peer, through its table of functions.
struct PeerStore: Store {
    // Safety: the table is a constant, and peers' stores are shared between threads by design.
    private struct Handle: @unchecked Sendable {
        let peer: UnsafePointer<BenchPeer>
        let store: UnsafeMutableRawPointer
    }
    private let handle: Handle

    static func settings(_ name: String, _ request: Request) -> String {
        guard let peer = benchPeer(name) else { fail("no such engine: \(name)") }
        return String(cString: peer.pointee.settings)
    }

    init(_ name: String, _ request: Request) {
        guard let peer = benchPeer(name) else { fail("no such engine: \(name)") }
        let store = request.directory.withCString { directory in
            var options = BenchPeerOptions(
                directory: directory,
                cacheBytes: UInt64(request.cacheBytes),
                dataBytes: UInt64(request.dataBytes),
                memtableBytes: UInt64(request.memtableBytes),
                isSynced: request.isSynced ? 1 : 0,
                isDirect: request.isCold ? 1 : 0,
                hasLargeValues: request.valueSize >= 4000 ? 1 : 0
            )
            return peer.pointee.open(&options)
        }
        guard let store else { fail("\(name) does not open") }
        handle = Handle(peer: peer, store: store)
    }

    func makeSession() -> Session {
        guard let session = handle.peer.pointee.makeSession(handle.store) else {
            fail("no session")
        }
        return Session(table: handle.peer.pointee, session: session)
    }

    func settle() { handle.peer.pointee.settle(handle.store) }

    func close() { handle.peer.pointee.close(handle.store) }

    struct Session: StoreSession {
        let table: BenchPeer
        let session: UnsafeMutableRawPointer

        @inline(__always)
        mutating func put(_ key: borrowing KeyBuffer, _ value: UnsafeRawBufferPointer) {
            table.put(session, key.bytes, key.size, value.baseAddress, value.count)
        }

        @inline(__always)
        mutating func addToBatch(_ key: borrowing KeyBuffer, _ value: UnsafeRawBufferPointer) {
            table.batchAdd(session, key.bytes, key.size, value.baseAddress, value.count)
        }

        mutating func commitBatch() { table.batchCommit(session) }

        @inline(__always)
        mutating func get(_ key: borrowing KeyBuffer) -> UInt64? {
            var stamp: UInt64 = 0
            return table.get(session, key.bytes, key.size, &stamp) == 0 ? nil : stamp
        }

        @inline(__always)
        mutating func scan(_ key: borrowing KeyBuffer, limit: Int) -> Int {
            Int(table.scan(session, key.bytes, key.size, key.partitionSize, Int64(limit)))
        }

        mutating func scanAll() -> Int { Int(table.scanAll(session)) }

        mutating func end() { table.endSession(session) }
    }
}
