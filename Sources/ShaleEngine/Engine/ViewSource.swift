internal import ShaleBytes

/// A memtable or a sorted run of a partition, for a scan that merges them.
struct ViewSource: ~Copyable, EntrySource {
    // One of the two.
    private var memtable: MemtableScan?
    private var run: RunScan?

    private(set) var isAtEnd = false
    private(set) var key = LentBytes()
    private(set) var value = LentBytes()
    private(set) var kind = EntryKind.value

    init(_ memtable: consuming MemtableScan) {
        self.memtable = consume memtable
        load()
    }

    init(_ run: consuming RunScan) {
        self.run = consume run
        load()
    }

    var blobs: RunBlobs? {
        switch run {
        case .some(let run): run.blobs
        case .none: nil
        }
    }

    mutating func advance() throws(EngineError) {
        try memtable?.advance()
        try run?.advance()
        load()
    }

    private mutating func load() {
        switch run {
        case .some(let run):
            isAtEnd = run.isAtEnd
            key = run.key
            value = run.value
            kind = run.kind
        case .none: break
        }
        switch memtable {
        case .some(let memtable):
            isAtEnd = memtable.isAtEnd
            guard !isAtEnd else { return }
            key = memtable.key
            value = memtable.value
            kind = memtable.kind
        case .none: break
        }
    }
}
