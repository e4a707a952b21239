/// One opening of a file on the simulated disk.

internal import ShaleBytes
internal import ShalePlatform
internal import Synchronization

/// An open file of one boot.
final class SimulatedFile: File {
    private let disk: SimulatedDisk
    private let boot: Int
    private let number: Int
    private let path: String
    private let mayWrite: Bool
    private let isClosed = Atomic<Bool>(false)

    init(_ disk: SimulatedDisk, boot: Int, number: Int, path: String, mayWrite: Bool) {
        self.disk = disk
        self.boot = boot
        self.number = number
        self.path = path
        self.mayWrite = mayWrite
    }

    func sizeBytes() throws(FileError) -> Int {
        try look(.list) { file in (file.bytes.count, [UInt64(file.bytes.count)]) }
    }

    func read(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
        precondition(offset >= 0 && count >= 0, "a read lies in the file's offsets")
        return try look(.read, costNanoseconds: 10_000) { (file) throws(FileComplaint) in
            let start = min(offset, file.bytes.count)
            let end = min(start + min(count, file.bytes.count), file.bytes.count)
            guard file.isReadable(start..<end) else { throw .ioError }
            let bytes = Array(file.bytes[start..<end])
            return (
                bytes, [UInt64(offset), UInt64(bytes.count), UInt64(Checksum.crc32c(bytes))]
            )
        }
    }

    func write(_ bytes: RawSpan, at offset: Int) throws(FileError) {
        precondition(offset >= 0, "a write lies in the file's offsets")
        // Safety: the bytes are copied while the span is alive.
        let bytes = unsafe bytes.withUnsafeBytes { unsafe Array($0) }
        let written = try change(.write, costNanoseconds: 5_000) { state, effect in
            if let effect, effect.isLie { return lie(effect, bytes, at: offset, &state) }
            let growth = offset + bytes.count - (state.files[number]?.bytes.count ?? 0)
            // A full disk takes what still fits, as the system does.
            let missing = growth > 0 ? max(0, growth - max(0, state.freeBytes)) : 0
            let fitting = Array(bytes.dropLast(missing))
            if !fitting.isEmpty { state.files[number]?.make(.bytes(fitting, at: offset)) }
            return (
                fitting.count,
                [UInt64(offset), UInt64(fitting.count), UInt64(Checksum.crc32c(fitting))]
            )
        }
        if written < bytes.count { throw FileError(.noSpace, "write", path) }
    }

    /// A write that is not what it says it was.
    private func lie(
        _ effect: DiskFault.Effect,
        _ bytes: [UInt8],
        at offset: Int,
        _ state: inout SimulatedDisk.State
    ) -> (Int, [UInt64]) {
        switch effect {
        case .loseLater: state.files[number]?.pretend(.bytes(bytes, at: offset))
        case .misdirect(let distance):
            state.files[number]?.make(.bytes(bytes, at: max(0, offset + distance)))
        case .stray:
            guard let other = state.neighbour(of: number) else { break }
            state.files[other]?.make(.bytes(bytes, at: offset))
        default: break
        }
        return (bytes.count, [UInt64(offset), UInt64(bytes.count)])
    }

    func zeroFill(from offset: Int, to sizeBytes: Int) throws(FileError) {
        precondition(0 <= offset && offset <= sizeBytes, "the zeros end where the file ends")
        let fits = try change(.zeroFill, costNanoseconds: 50_000) { state, _ in
            let size = state.files[number]?.bytes.count ?? 0
            guard sizeBytes - size <= max(0, state.freeBytes) || sizeBytes <= size else {
                return (false, [])
            }
            if size > sizeBytes { state.files[number]?.make(.size(sizeBytes)) }
            state.files[number]?.make(.zeros(offset..<sizeBytes))
            return (true, [UInt64(offset), UInt64(sizeBytes)])
        }
        if !fits { throw FileError(.noSpace, "zeroFill", path) }
    }

    func truncate(to sizeBytes: Int) throws(FileError) {
        precondition(sizeBytes >= 0, "a size is not negative")
        try change(.truncate, costNanoseconds: 5_000) { state, _ in
            (state.files[number]?.make(.size(sizeBytes)), [UInt64(sizeBytes)])
        }
    }

    func sync() throws(FileError) {
        let isStruck = try disk.perform(
            .sync,
            path,
            boot: boot,
            costNanoseconds: 100_000
        ) { (state, effect) throws(FileComplaint) in
            try requireOpen()
            if case .slow = effect {
                state.files[number]?.sync()
                return (false, [])
            }
            if effect == .failAndForget {
                state.files[number]?.forgetUnsynced()
            } else {
                state.files[number]?.sync()
            }
            return (effect != nil, [])
        }
        if isStruck { throw FileError(.ioError, "sync", path) }
    }

    func close() {
        let wasClosed = isClosed.exchange(true, ordering: .relaxed)
        if !wasClosed { disk.close(number, boot: boot) }
    }

    deinit { close() }

    private func requireOpen() throws(FileComplaint) {
        if isClosed.load(ordering: .relaxed) { throw .fileIsClosed }
    }

    private func look<Answer: Sendable>(
        _ operation: DiskFault.Operation,
        costNanoseconds: UInt64 = 1_000,
        _ body: (borrowing DiskFile) throws(FileComplaint) -> (Answer, [UInt64])
    ) throws(FileError) -> Answer {
        try disk.perform(operation, path, boot: boot, costNanoseconds: costNanoseconds) {
            (state, _) throws(FileComplaint) in
            try requireOpen()
            guard let file = state.files[number] else { throw .noSuchFile }
            return try body(file)
        }
    }

    @discardableResult
    private func change<Answer: Sendable>(
        _ operation: DiskFault.Operation,
        costNanoseconds: UInt64,
        _ body: (inout SimulatedDisk.State, DiskFault.Effect?) -> (Answer, [UInt64])
    ) throws(FileError) -> Answer {
        try disk.perform(operation, path, boot: boot, costNanoseconds: costNanoseconds) {
            (state, effect) throws(FileComplaint) in
            try requireOpen()
            if !mayWrite { throw .readOnly }
            return body(&state, effect)
        }
    }
}
