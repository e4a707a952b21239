internal import ShaleBytes

extension ReadView {
    /// What a scan hands each entry to.
    typealias Visitor = (_ key: LentBytes, _ value: LentBytes) throws(EngineError) -> ScanStep

    /// Visits the entries between `bounds`, partition by partition.
    func scan(
        _ table: TableID,
        _ bounds: ScanBounds,
        _ visit: Visitor
    ) throws(EngineError) {
        let isAscending = bounds.direction == .ascending
        try map.with { map throws(EngineError) in
            guard var places = map.places(table, bounds) else { throw noSuchTable(table) }
            while !places.isEmpty {
                let place = isAscending ? places.removeFirst() : places.removeLast()
                let step = try map.withPartition(place) { partition throws(EngineError) in
                    guard let part = bounds.clipped(partition.lent.lower, partition.lent.upper)
                    else { return ScanStep.continue }
                    return try scan(partition, part, visit)
                }
                if step == .stop { return }
            }
        }
    }

    /// Visits the entries of one partition that are seen here.
    private func scan(
        _ partition: PartitionView,
        _ bounds: ScanBounds,
        _ visit: Visitor
    ) throws(EngineError) -> ScanStep {
        if partition.isInOneRun {
            var scan = try RunScan(partition.lendRun(0), bounds, isOldest: true, mode)
            return try visitAll(&scan, visit)
        }
        var sources = try sources(partition, bounds)
        switch sources.count {
        case 0: return .continue
        // What one source has needs no merging.
        case 1: return try visitAll(&sources[0], visit)
        default:
            var merge = EntryMerge(newestFirst: sources, bounds.direction)
            return try visitAll(&merge, visit)
        }
    }

    /// The sources of a partition that have an entry between `bounds`, the newest first.
    private func sources(
        _ partition: PartitionView,
        _ bounds: ScanBounds
    ) throws(EngineError) -> OwnedList<ViewSource> {
        var sources = OwnedList<ViewSource>(
            capacity: 1 + partition.sealedCount + partition.runCount
        )
        for index in -1..<partition.sealedCount {
            let memtable = index < 0 ? Unretained(partition.active) : partition.lendSealed(index)
            guard let table = memtable.with({ $0.isEmpty ? nil : Unretained($0.table) }) else {
                continue
            }
            let scan = MemtableScan(table, bounds, before: position, tracker)
            if !scan.isAtEnd { sources.append(ViewSource(scan)) }
        }
        for index in 0..<partition.runCount {
            let isOldest = index == partition.runCount - 1
            let scan = try RunScan(partition.lendRun(index), bounds, isOldest: isOldest, mode)
            if !scan.isAtEnd { sources.append(ViewSource(scan)) }
        }
        return sources
    }

    @inline(__always)
    private func visitAll<Source: EntrySource & ~Copyable>(
        _ source: inout Source,
        _ visit: Visitor
    ) throws(EngineError) -> ScanStep {
        while !source.isAtEnd {
            switch source.kind {
            case .value:
                if try visit(source.key, source.value) == .stop { return .stop }
            case .tombstone: break
            case .blob:
                let value = try follow(source.value, source.blobs)
                let step = try withExtendedLifetime(value) { () throws(EngineError) in
                    try visit(source.key, value.lent)
                }
                if step == .stop { return .stop }
            }
            try source.advance()
        }
        return .continue
    }

    /// The large value that a run refers to, lent until the next one.
    private func follow(
        _ reference: LentBytes,
        _ blobs: RunBlobs?
    ) throws(EngineError) -> EntryValue {
        guard let blobs else { throw EngineError(.corrupted, RunBlobs.missing) }
        return try blobs.value(reference, mode)
    }
}
