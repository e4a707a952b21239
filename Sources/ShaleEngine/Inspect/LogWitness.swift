internal import ShaleBytes
package import ShalePlatform

/// How far a segment of the log itself proves to have been synced: what damage below may not be taken for
/// the torn end of a crash.
package struct LogWitness: Hashable, Sendable {
    /// The position of the first byte behind the header page.
    package var base: LogPosition
    /// The newest position that a whole record of the segment knew to be synced.
    package var syncedThrough: LogPosition
    /// Bytes of the manifest that a mark or seal knew to be synced; 0 where none says so.
    package var manifestSizeBytes: Int

    /// Where the bytes of the file end that are known to be synced.
    package var fileOffset: Int {
        let length = syncedThrough > base ? syncedThrough.rawValue - base.rawValue : 0
        return SegmentFormat.headerSize + Int(length)
    }
}

extension FileInspector {
    /// What the segment at `path` proves; nil if it is none that was started.
    package static func witness(
        of path: String,
        in files: any FileSystem
    ) throws(EngineError) -> LogWitness? {
        let bytes: [UInt8]
        do throws(FileError) {
            let file = try files.open(path, .read)
            defer { file.close() }
            bytes = try file.read(at: 0, count: try file.sizeBytes())
        } catch {
            throw EngineError(error)
        }
        guard let header = SegmentHeader(page: Array(bytes.prefix(SegmentFormat.headerSize)))
        else { return nil }
        let scan = SegmentScan(header, body: Array(bytes.dropFirst(SegmentFormat.headerSize)))
        var witness = LogWitness(base: header.base, syncedThrough: .zero, manifestSizeBytes: 0)
        for case .record(let record) in scan.pieces {
            witness.syncedThrough = max(witness.syncedThrough, record.syncedThrough)
            guard record.kind != .batch else { continue }
            let payload = Array(scan.body[scan.payload(of: record)])
            let manifest = payload.withLentBytes { LogRecordHeader.ManifestWitness(payload: $0) }
            if let manifest { witness.manifestSizeBytes = Int(clamping: manifest.lengthBytes) }
        }
        return witness
    }
}
