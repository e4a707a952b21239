internal import ShaleBytes

/// The blob segments that the entries of one run refer to: follows references without a lock.
final class RunBlobs: Sendable {
    /// What is wrong if there are none.
    static let missing = "an entry refers to a blob segment, but none is known of its run"

    private let leases: [BlobFileLease]
    private let numbers: FixedColumn<UInt64>
    private let readers: UnretainedArray<BlobReader>

    /// Segments in ascending order of their numbers.
    init(_ leases: [BlobFileLease]) {
        self.leases = leases
        numbers = FixedColumn(leases.map(\.reader.reference.number.rawValue))
        readers = UnretainedArray(leases.map(\.reader))
    }

    /// The value that a reference in a block leads to; lent like a block's bytes.
    func value(_ reference: LentBytes, _ mode: ReadMode) throws(EngineError) -> EntryValue {
        let blob = try BlobReference.checked(reference)
        let number = blob.file.rawValue
        let index = numbers.firstIndex(notBefore: number, in: 0..<numbers.count)
        guard index < numbers.count, numbers[index] == number else {
            throw EngineError(
                .corrupted,
                file: blob.file.fileName(BlobFormat.suffix),
                offset: Int(truncatingIfNeeded: blob.piece.offset),
                "an entry refers to this segment, but its run does not say so"
            )
        }
        return try readers.with(index) { reader throws(EngineError) in
            try reader.value(blob, mode)
        }
    }

    /// The reader of a segment; nil if no entry refers to it.
    func reader(_ number: FileNumber) -> BlobReader? {
        leases.first { $0.reader.reference.number == number }?.reader
    }
}

extension BlobReference {
    /// The reference in an entry of a run; one that is none is damage.
    static func checked(_ bytes: LentBytes) throws(EngineError) -> BlobReference {
        do throws(MalformedPiece) {
            return try BlobReference(bytes)
        } catch {
            throw EngineError(.corrupted, error.reason)
        }
    }
}
