public import ShaleEngine
internal import ShalePlatform
internal import Simulation

/// The files of a database at one moment, and what must be read from them.
public struct DatabaseImage: Sendable {
    /// A file of the directory.
    public struct File: Sendable {
        /// Its name in the directory.
        public var name: String
        /// What it holds.
        public var bytes: [UInt8]
        /// Where the bytes end that the database itself proves to have been synced; damage behind is like the
        /// torn end of a crash.
        public var provenBytes: Int
    }

    /// In the order of their names.
    public var files: [File]
    /// Tables, in the order of their numbers.
    public var tables: [EngineTable]
    /// What the tables hold after each of the last batches: the last one is all.
    public var states: [TableState]
    /// Which of them the database itself proves to have been synced.
    public var provenState: Int
    /// Keys that are read one by one: all that were ever written, and some that never were.
    public var probes: [Probe]
    /// How the database was written, and is opened.
    public var options: EngineOptions

    /// A key of a table.
    public struct Probe: Hashable, Sendable {
        /// The place of the table among `tables`.
        public var table: Int
        /// The whole key.
        public var key: EntryKey
    }

    /// The whole content.
    public var state: TableState { states[states.count - 1] }

    /// Bytes of all files.
    public var sizeBytes: Int { files.reduce(0) { $0 + $1.bytes.count } }

    /// Where the files are.
    static let directory = "db"

    /// A world with these files and nothing else on its disk.
    ///
    /// `changed` is another content of the file at `index`; nil leaves it out.
    func world(
        _ index: Int?,
        _ changed: [UInt8]?,
        keepsEvents: Bool = false
    ) -> SimulatedWorld {
        let simulation = SimulatedWorld(seed: 1, keepsEvents: keepsEvents)
        simulation.disk.place(directory: Self.directory)
        for (place, file) in files.enumerated() {
            let bytes = place == index ? changed : file.bytes
            if let bytes { simulation.disk.place("\(Self.directory)/\(file.name)", bytes) }
        }
        return simulation
    }
}

/// What tables hold.
public struct TableState: Equatable, Sendable {
    /// By place of the table, key by key in their order.
    public var tables: [[Entry]]

    /// A key and its value.
    public struct Entry: Equatable, Sendable {
        /// The bytes of the key.
        public var key: [UInt8]
        /// The bytes of the value.
        public var value: [UInt8]
    }

    /// The value of a key, found by halving.
    func value(_ probe: DatabaseImage.Probe) -> [UInt8]? {
        let entries = tables[probe.table]
        let place = place(of: probe.key.bytes, in: entries)
        guard place < entries.count, entries[place].key == probe.key.bytes else { return nil }
        return entries[place].value
    }

    /// Where a key is or would be.
    func place(of key: [UInt8], in entries: [Entry]) -> Int {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].key.lexicographicallyPrecedes(key) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
