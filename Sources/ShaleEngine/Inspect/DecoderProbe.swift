internal import ShaleBytes
internal import ShalePlatform

/// Ways past the checksums to the decoders behind them, for fuzzing: a checksum that is right is no promise
/// that what it covers makes sense, and all decoders are total.
///
/// Each takes any bytes and must return. Where what was decoded can be encoded again, the two must agree;
/// else it traps.
package enum DecoderProbe {
    /// A table, for decoders of what refers to one.
    package static let table = EngineTable(id: TableID(1), hashSeed: 0)

    /// The payload of a log record.
    package static func batch(_ bytes: [UInt8]) {
        guard let writes = BatchFormat.decode(bytes) else { return }
        var batch = WriteBatch()
        for write in writes {
            // Keys that a program can make; others are for `EntryKey` to explain.
            _ = EntryKey.words(of: write.key.bytes)
            _ = RunFormat.keyHash(write.key.bytes)
            if write.ordinal != nil {
                batch.put(stamped: write.key, write.table, write.value ?? [])
            } else if let value = write.value {
                batch.put(write.table, write.key, value)
            } else {
                batch.delete(write.table, write.key)
            }
        }
        let again = BatchFormat.decode(BatchFormat.encode(batch)) ?? []
        precondition(again.count == writes.count, "a batch is read as it was written")
        for (left, right) in zip(writes, again) {
            let same = left.key == right.key && left.ordinal == right.ordinal
            precondition(same && left.value == right.value, "so is each write")
        }
    }

    /// The header of a log record, whose checksum is made right.
    package static func recordHeader(_ bytes: [UInt8]) {
        var header = Array(bytes.prefix(LogRecordFormat.headerSize))
        guard header.count == LogRecordFormat.headerSize else { return }
        let checksum = header.withLentBytes {
            Checksum.crc32c($0[LogRecordFormat.payloadChecksumOffset..<$0.count], seed: 7)
        }
        for index in 0..<4 { header[index] = UInt8(truncatingIfNeeded: checksum >> (8 * index)) }
        let (segment, position) = header.withLentBytes { lent in
            (
                SegmentNumber(lent.integer(UInt32.self, at: LogRecordFormat.segmentOffset)),
                LogPosition(lent.integer(UInt64.self, at: LogRecordFormat.positionOffset))
            )
        }
        let found = LogRecordHeader(header, at: 0, segment: segment, position: position, seed: 7)
        guard var found else { return }
        _ = LogRecordHeader(bytes, at: 1, segment: segment, position: position, seed: 7)
        precondition(found.sizeBytes >= LogRecordFormat.headerSize, "a record has its header")
        precondition(found.encode(seed: 7).count == header.count, "a header is encoded whole")
    }

    /// The body of a segment, whose header page is right.
    package static func segmentBody(_ bytes: [UInt8]) {
        let header = SegmentHeader(
            number: SegmentNumber(1),
            identity: FileIdentity(first: 1, second: 2),
            base: LogPosition(0),
            capacityBytes: bytes.count,
            previous: SegmentNumber(0),
            previousChecksum: 0,
            previousLengthBytes: 0
        )
        let scan = SegmentScan(header, body: bytes)
        _ = scan.end(knownSynced: .zero)
        var reader = SegmentReader(header, limit: bytes.count)
        bytes.withLentBytes { bytes in
            let window = BodyWindow(start: 0, bytes: bytes)
            while case .record = reader.next(in: window) {}
            _ = header.witness(against: 0, in: window, reader.seed)
            _ = header.hasWritten(at: 0, in: window)
        }
        precondition(SegmentHeader(page: header.page) == header, "a page is read as it was written")
    }

    /// The header page of a segment, whose checksum is made right.
    package static func segmentPage(_ bytes: [UInt8]) {
        var page = Array(bytes.prefix(SegmentFormat.checksumOffset))
        page += [UInt8](repeating: 0, count: SegmentFormat.checksumOffset - page.count)
        let checksum = Checksum.crc32c(page)
        for index in 0..<4 { page.append(UInt8(truncatingIfNeeded: checksum >> (8 * index))) }
        _ = SegmentHeader(page: page)
        _ = SegmentInspector(page + bytes, .unknown).parts()
    }

    /// A group of edits of a manifest, whose checksum is made right.
    package static func manifest(_ bytes: [UInt8]) {
        do throws(ManifestEdit.Malformed) {
            let edits = try ManifestEdit.decode(bytes)
            let again = try ManifestEdit.decode(ManifestEdit.encode(edits))
            precondition(again == edits, "edits are read as written")
        } catch {
            // Whatever it is, a manifest with it is refused.
        }
        let header = ManifestHeader(
            database: FileIdentity(first: 1, second: 2),
            generation: 1,
            clock: .real
        )
        let group = ManifestStore.group(bytes, at: ManifestFormat.headerSize, header.checksum)
        do throws(EngineError) {
            let state = try ManifestReader(header.bytes + group).state
            _ = state.liveBlobBytes
            _ = state.unreferenced
            let again = ManifestEdit.encode(state.edits)
            precondition(!again.isEmpty, "a state has its numbers")
        } catch {
            precondition(error.file == ManifestFormat.fileName, "damage is in the manifest")
        }
        _ = ManifestInspector.parts(of: header.bytes + group)
    }
}

/// Pieces of run files and blob segments.
extension DecoderProbe {
    /// The body of a data block, which is searched for its own keys and for others.
    package static func dataBlock(_ bytes: [UInt8]) {
        do throws(MalformedPiece) {
            let block = try CachedBlock(checking: bytes, as: .data)
            let body = block.bytes
            var key: [UInt8] = []
            for index in 0..<block.data.count {
                let entry = block.data.entry(index, in: body.span)
                block.data.copyKey(of: entry, in: body.span, to: &key)
                precondition(entry.value.upperBound <= bytes.count, "a value lies in its block")
                _ = EntryKey.words(of: key)
                if entry.kind == .blob { blobReference(Array(bytes[entry.value])) }
                search(block, key)
            }
            search(block, [])
            search(block, bytes)
        } catch {
            // It is refused.
        }
    }

    private static func search(_ block: CachedBlock, _ key: [UInt8]) {
        let body = block.bytes
        key.withLentBytes { lent in
            _ = block.data.find(lent.span, keyHash: RunFormat.keyHash(lent.span), in: body.span)
            let place = block.data.lowerBound(lent.span, in: body.span)
            precondition((0...block.data.count).contains(place), "a place among the entries")
        }
    }

    private static func blobReference(_ bytes: [UInt8]) {
        bytes.withLentBytes { bytes in
            do throws(MalformedPiece) {
                _ = try BlobReference(bytes)
            } catch {
                // It is refused.
            }
        }
    }

    /// The body of a piece of a block index.
    package static func indexPiece(_ bytes: [UInt8]) {
        do throws(MalformedPiece) {
            let node = IndexNode(block: try CachedBlock(checking: bytes, as: .index))
            for index in 0..<node.count {
                let separator = node.separator(index)
                _ = node.child(index)
                separator.withLentBytes { lent in
                    let child = node.firstChild(notBefore: lent.span)
                    precondition((0...node.count).contains(child), "a place among the children")
                    _ = node.compareSeparator(index, with: lent.span)
                }
            }
            bytes.withLentBytes { _ = node.firstChild(notBefore: $0.span) }
        } catch {
            // It is refused.
        }
    }

    /// Filter, section directory and directory of a blob segment.
    package static func otherPieces(_ bytes: [UInt8]) {
        do throws(MalformedPiece) {
            let filter = try CachedBlock(checking: bytes, as: .filter)
            for hash: UInt64 in [0, 1, .max, 0x9E37_79B9_7F4A_7C15] {
                _ = filter.filter.mayContain(hash, in: filter.bytes.span)
            }
        } catch {
            // It is refused.
        }
        do throws(MalformedPiece) {
            let directory = try SectionDirectory(checking: bytes, before: 1 << 40)
            let again = try SectionDirectory(checking: directory.encoded(), before: 1 << 40)
            precondition(again.sections == directory.sections, "sections are read as written")
        } catch {
            // It is refused.
        }
        do throws(MalformedPiece) {
            _ = try bytes.withLentBytes { bytes throws(MalformedPiece) in
                try BlobDirectory(checking: bytes)
            }
        } catch {
            // It is refused.
        }
    }

    /// The notes that a closed database leaves, whose checksums are made right.
    package static func notes(_ bytes: [UInt8]) {
        let checksum = Hexadecimal.text(bytes.withLentBytes { Checksum.crc32c($0, seed: 0) })
        let whole = bytes + Array("crc32c \(checksum)\n".utf8)
        if let durations = DurationsFormat.decode(whole) {
            for (_, histogram) in durations.named {
                for quantile in [0, 0.5, 0.99, 1] { _ = histogram.nanoseconds(quantile: quantile) }
                _ = histogram.count(upTo: .max)
            }
            let again = DurationsFormat.decode(DurationsFormat.encode(durations))
            precondition(again == durations, "durations are read as written")
        }
        if let progress = ScrubFormat.decode(whole) {
            let again = ScrubFormat.decode(ScrubFormat.encode(progress))
            precondition(again == progress, "progress is read as written")
        }
    }
}
