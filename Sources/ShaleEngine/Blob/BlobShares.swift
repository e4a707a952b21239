internal import ShaleBytes

/// What the entries of one section take of one blob segment.
///
///     offset  size  field
///          0     8  number of the segment's file
///          8     8  stored bytes of the blobs that entries refer to
struct BlobShare: Hashable, Sendable {
    static let sizeBytes = 2 * MemoryLayout<UInt64>.size
    /// Far above what any file takes, and far below what a sum of shares could not hold.
    private static let largestSize = 1 << 48

    var file: FileNumber
    var sizeBytes: Int

    init(file: FileNumber, sizeBytes: Int) {
        self.file = file
        self.sizeBytes = sizeBytes
    }

    /// What one reference takes; its bytes are those of a `BlobReference`.
    @inline(__always)
    init(of reference: LentBytes) {
        file = FileNumber(reference.integer(UInt64.self, at: 0))
        let lengthOffset = BlobReference.pointerOffset + PiecePointer.lengthOffset
        sizeBytes = Int(reference.integer(UInt32.self, at: lengthOffset))
    }

    init(from reader: inout ByteReader) throws(Truncated) {
        let start = reader.offset
        file = FileNumber(try reader.read(UInt64.self))
        sizeBytes = try reader.readNumber()
        guard sizeBytes <= Self.largestSize else {
            throw Truncated(offset: start, needed: Self.sizeBytes)
        }
    }

    func append(to writer: inout ByteWriter) {
        writer.append(integer: file.rawValue)
        writer.append(integer: UInt64(sizeBytes))
    }
}

/// What the entries of one section take of blob segments: ascending by segment, none twice.
struct BlobShares: Hashable, Sendable {
    private(set) var shares: [BlobShare] = []

    init() {}

    /// Reads what `BlobShare.append` wrote, `count` times.
    init(from reader: inout ByteReader, count: Int) throws(Truncated) {
        let start = reader.offset
        guard count <= reader.remaining / BlobShare.sizeBytes else {
            throw Truncated(offset: start, needed: count)
        }
        shares.reserveCapacity(count)
        for _ in 0..<count {
            let share = try BlobShare(from: &reader)
            guard shares.last.map({ $0.file < share.file }) ?? true else {
                throw Truncated(offset: start, needed: count)
            }
            shares.append(share)
        }
    }

    /// Stored bytes of all blobs that entries refer to.
    var sizeBytes: Int { shares.reduce(0) { $0 + $1.sizeBytes } }

    /// Adds what one reference takes, or what another section does.
    mutating func add(_ share: BlobShare) {
        let index = shares.partitioningIndex { $0.file >= share.file }
        if index < shares.count, shares[index].file == share.file {
            shares[index].sizeBytes += share.sizeBytes
        } else {
            shares.insert(share, at: index)
        }
    }

    /// Whether entries refer to a segment of `files`.
    func touch(_ files: Set<FileNumber>) -> Bool {
        !files.isEmpty && shares.contains { files.contains($0.file) }
    }
}

extension [BlobShare] {
    /// The first index from which on `holds` is true; `count` if it never is.
    fileprivate func partitioningIndex(where holds: (BlobShare) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if holds(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
