internal import ShaleBytes
internal import ShalePlatform
internal import Synchronization

/// The manifest of an open database: its state, and the one way to change it.
///
/// Changes come one at a time: whoever changes the structure of the database holds the `StructureTurn`
/// and calls `commit`. After a failed write or sync nothing more is taken: what is on disk is then
/// either the state before or the state after the failed group.
final class ManifestStore: Sendable {
    private struct Guarded: Sendable {
        var state: ManifestState
        var header: ManifestHeader
        var file: any File
        var lengthBytes: Int
        var chain: UInt32
        var failure: EngineError?
        /// Bytes at which the manifest is written anew.
        var rewriteAtBytes: Int
    }

    private let guarded: Mutex<Guarded>
    private let files: any FileSystem
    private let directory: String

    /// Below this a manifest is never rewritten while the database is open.
    private static let rewriteMinimumBytes = 1024 * 1024

    /// Writes `state` as a new manifest of the directory and keeps it open.
    init(
        _ state: ManifestState,
        _ header: ManifestHeader,
        in directory: String,
        _ files: any FileSystem
    ) throws(EngineError) {
        self.files = files
        self.directory = directory
        guarded = Mutex(try Self.write(state, header, in: directory, files))
    }

    /// The manifest of a database that is only read; nothing is ever committed.
    init(
        reading reader: ManifestReader,
        _ file: any File,
        _ files: any FileSystem,
        in directory: String
    ) {
        self.files = files
        self.directory = directory
        guarded = Mutex(
            Guarded(
                state: reader.state,
                header: reader.header,
                file: file,
                lengthBytes: reader.end,
                chain: reader.chain,
                failure: nil,
                rewriteAtBytes: .max
            )
        )
    }

    var state: ManifestState { guarded.withLock { $0.state } }

    var header: ManifestHeader { guarded.withLock { $0.header } }

    /// How far this manifest is synced.
    var witness: LogRecordHeader.ManifestWitness {
        guarded.withLock {
            LogRecordHeader.ManifestWitness(
                generation: $0.header.generation,
                lengthBytes: UInt64($0.lengthBytes)
            )
        }
    }

    /// Makes `edits` durable as one group, and only then part of `state`.
    ///
    /// The caller holds the structure turn, so no other call runs meanwhile.
    func commit(_ edits: [ManifestEdit]) throws(EngineError) {
        let before = guarded.withLock { $0 }
        if let failure = before.failure { throw failure }
        var after = before
        do throws(ManifestState.Contradiction) {
            for edit in edits { try after.state.apply(edit) }
        } catch {
            preconditionFailure("an edit of ours contradicts the manifest: \(error.reason)")
        }
        do throws(EngineError) {
            if before.lengthBytes > before.rewriteAtBytes {
                var header = before.header
                header.generation += 1
                after = try Self.write(after.state, header, in: directory, files)
                before.file.close()
            } else {
                try Self.append(edits, to: &after)
            }
        } catch {
            // A group that could not be written whole is overwritten by the next one. One that could not
            // be synced may be on disk or not: nothing may follow it.
            if error.code != .diskFull { guarded.withLock { $0.failure = error } }
            throw error
        }
        let result = after
        guarded.withLock { $0 = result }
    }

    func close() { guarded.withLock { $0 }.file.close() }

    private static func append(
        _ edits: [ManifestEdit],
        to guarded: inout Guarded
    ) throws(EngineError) {
        let (group, chain) = encode(edits, at: guarded.lengthBytes, chain: guarded.chain)
        do throws(FileError) {
            try guarded.file.write(group, at: guarded.lengthBytes)
        } catch {
            throw EngineError(error)
        }
        do throws(FileError) {
            try guarded.file.sync()
        } catch {
            throw EngineError(.inputOutput, file: error.path, error.description)
        }
        guarded.lengthBytes += group.count
        guarded.chain = chain
    }

    private static func write(
        _ state: ManifestState,
        _ header: ManifestHeader,
        in directory: String,
        _ files: any FileSystem
    ) throws(EngineError) -> Guarded {
        let new = directory + "/" + ManifestFormat.newFileName
        let (group, chain) = encode(
            state.edits,
            at: ManifestFormat.headerSize,
            chain: header.checksum
        )
        do throws(FileError) {
            if try files.kind(of: new) != nil { try files.remove(new) }
            let file = try files.open(new, .create)
            do throws(FileError) {
                try file.write(header.bytes + group, at: 0)
                try file.sync()
            } catch {
                // On a full disk what was begun must not stay.
                file.close()
                try files.remove(new)
                throw error
            }
            try takeName(new, in: directory, files)
            let length = ManifestFormat.headerSize + group.count
            return Guarded(
                state: state,
                header: header,
                file: file,
                lengthBytes: length,
                chain: chain,
                failure: nil,
                rewriteAtBytes: max(rewriteMinimumBytes, 4 * length)
            )
        } catch {
            throw EngineError(error)
        }
    }

    /// From here on the new manifest may be the database's, so no error leaves the old one in use.
    private static func takeName(
        _ new: String,
        in directory: String,
        _ files: any FileSystem
    ) throws(FileError) {
        do throws(FileError) {
            try files.rename(new, to: directory + "/" + ManifestFormat.fileName)
            try files.syncDirectory(directory)
        } catch {
            throw FileError(.inputOutput, error.operation, error.path, error.reason)
        }
    }

    private static func encode(
        _ edits: [ManifestEdit],
        at offset: Int,
        chain: UInt32
    ) -> (bytes: [UInt8], chain: UInt32) {
        let bytes = group(ManifestEdit.encode(edits), at: offset, chain)
        return (bytes, bytes.withLentBytes { $0.integer(UInt32.self, at: 0) })
    }

    /// A group as it lies in the file, from its edits' bytes.
    static func group(_ body: [UInt8], at offset: Int, _ chain: UInt32) -> [UInt8] {
        var writer = ByteWriter(reservingCapacity: ManifestFormat.groupHeaderSize + body.count)
        writer.append(integer: UInt32(0))
        writer.append(integer: UInt32(body.count))
        writer.append(integer: UInt64(offset))
        writer.append(body)
        let range = ManifestFormat.groupLengthOffset..<writer.count
        // Safety: every bit pattern of a byte is a byte.
        let checksum = unsafe Checksum.crc32c(
            writer.bytes.span.bytes.extracting(range),
            seed: chain
        )
        writer.overwrite(checksum, at: 0)
        return writer.take()
    }
}
