/// The names on the simulated disk: what is durable, and the changes since.
///
/// A rename is one change of two names. `syncDirectory` makes the changes durable that touch the
/// directory, and those they build upon. A crash keeps some of the others, but never one without an
/// earlier one of the same name.

internal import ShalePlatform

/// The tree of names.
///
/// A value: the disk guards it.
struct DiskNames {
    typealias Name = [UInt8]

    enum Entry: Equatable {
        case file(Int)
        case directory(Int)
    }

    private struct Directory {
        var current: [Name: Entry] = [:]
        var durable: [Name: Entry] = [:]
    }

    private struct Place: Hashable {
        var directory: Int
        var name: Name
    }

    private typealias Change = [(place: Place, entry: Entry?)]

    private static let root = 0
    private var directories = [root: Directory()]
    private var lastDirectory = root
    private var unsynced: [Change] = []

    // MARK: Looking

    func entry(_ path: FilePath) -> Entry? { entry(path) { $0.current } }

    func durableEntry(_ path: FilePath) -> Entry? { entry(path) { $0.durable } }

    private func entry(_ path: FilePath, _ entries: (Directory) -> [Name: Entry]) -> Entry? {
        var entry = Entry.directory(Self.root)
        for name in path.names {
            guard case .directory(let number) = entry, let directory = directories[number],
                let next = entries(directory)[name]
            else { return nil }
            entry = next
        }
        return entry
    }

    func file(_ path: FilePath) throws(FileComplaint) -> Int {
        switch entry(path) {
        case .file(let file): return file
        case .directory: throw .isDirectory
        case nil: throw .noSuchFile
        }
    }

    func list(_ path: FilePath) throws(FileComplaint) -> [String] {
        directories[try directory(path)].map { directory in
            directory.current.keys.sorted { $0.lexicographicallyPrecedes($1) }
                .map { String(decoding: $0, as: UTF8.self) }
        } ?? []
    }

    /// The files that some name leads to, now or after a crash.
    func reachableFiles() -> Set<Int> {
        var files: Set<Int> = []
        for directory in directories.values {
            for case .file(let file) in directory.current.values { files.insert(file) }
            for case .file(let file) in directory.durable.values { files.insert(file) }
        }
        for change in unsynced {
            for case (_, .file(let file)?) in change { files.insert(file) }
        }
        return files
    }

    /// The files that some name leads to now.
    func currentFiles() -> Set<Int> {
        var files: Set<Int> = []
        for directory in directories.values {
            for case .file(let file) in directory.current.values { files.insert(file) }
        }
        return files
    }

    // MARK: Changing

    mutating func add(_ entry: Entry, _ path: FilePath) throws(FileComplaint) {
        guard self.entry(path) == nil else { throw .exists }
        make([(try place(path), entry)])
    }

    mutating func createDirectory(_ path: FilePath) throws(FileComplaint) {
        if case .directory = entry(path) { return }
        try add(.directory(lastDirectory + 1), path)
        lastDirectory += 1
        directories[lastDirectory] = Directory()
    }

    /// A durable name, whatever was there.
    mutating func place(_ entry: Entry, _ path: FilePath) {
        guard let name = path.names.last else { preconditionFailure("the root is there") }
        let parent = FilePath(names: Array(path.names.dropLast()))
        guard case .directory(let directory) = self.entry(parent) else {
            preconditionFailure("a file is placed in a directory")
        }
        makeDurable([(Place(directory: directory, name: name), entry)])
        directories[directory]?.current[name] = entry
    }

    /// A durable directory.
    mutating func placeDirectory(_ path: FilePath) {
        lastDirectory += 1
        directories[lastDirectory] = Directory()
        place(.directory(lastDirectory), path)
    }

    mutating func rename(_ from: FilePath, to: FilePath) throws(FileComplaint) {
        let source = try place(from)
        guard let moved = entry(from) else { throw .noSuchFile }
        let target = try place(to)
        let replaced = entry(to)
        if replaced == moved { return }
        switch (moved, replaced) {
        case (.file, .directory): throw .isDirectory
        case (.directory, .file): throw .isNotDirectory
        case (.directory, .directory(let old)): try requireEmpty(old)
        default: break
        }
        make([(source, nil), (target, moved)])
    }

    mutating func remove(_ path: FilePath) throws(FileComplaint) {
        let place = try place(path)
        switch entry(path) {
        case .file: break
        case .directory(let directory): try requireEmpty(directory)
        case nil: throw .noSuchFile
        }
        make([(place, nil)])
    }

    private func requireEmpty(_ directory: Int) throws(FileComplaint) {
        guard directories[directory]?.current.isEmpty ?? true else { throw .isNotEmpty }
    }

    private mutating func make(_ change: Change) {
        for (place, entry) in change { directories[place.directory]?.current[place.name] = entry }
        unsynced.append(change)
    }

    private mutating func makeDurable(_ change: Change) {
        for (place, entry) in change { directories[place.directory]?.durable[place.name] = entry }
    }

    private func directory(_ path: FilePath) throws(FileComplaint) -> Int {
        switch entry(path) {
        case .directory(let directory): return directory
        case .file: throw .isNotDirectory
        case nil: throw .noSuchFile
        }
    }

    private func place(_ path: FilePath) throws(FileComplaint) -> Place {
        guard let name = path.names.last else { throw .isDirectory }
        let parent = FilePath(names: Array(path.names.dropLast()))
        return Place(directory: try directory(parent), name: name)
    }

    // MARK: Durability

    /// Makes the names in a directory durable.
    mutating func sync(_ path: FilePath) throws(FileComplaint) {
        let directory = try directory(path)
        var needed: Set<Place> = []
        var isNeeded = [Bool](repeating: false, count: unsynced.count)
        for index in unsynced.indices.reversed() {
            let places = unsynced[index].map(\.place)
            guard places.contains(where: { $0.directory == directory || needed.contains($0) })
            else { continue }
            isNeeded[index] = true
            needed.formUnion(places)
        }
        var rest: [Change] = []
        for (index, change) in unsynced.enumerated() {
            if isNeeded[index] { makeDurable(change) } else { rest.append(change) }
        }
        unsynced = rest
    }

    /// Loses power: keeps of the unsynced changes those that `survives` picks and that build on kept
    /// ones only.
    ///
    /// `survives` is asked once for each change, by its index and their number.
    mutating func crash(_ survives: (Int, Int) -> Bool) {
        var lost: Set<Place> = []
        for (index, change) in unsynced.enumerated() {
            let isKept = survives(index, unsynced.count)
            if isKept, !change.contains(where: { lost.contains($0.place) }) {
                makeDurable(change)
            } else {
                lost.formUnion(change.map(\.place))
            }
        }
        unsynced = []
        directories = directories.mapValues { Directory(current: $0.durable, durable: $0.durable) }
    }
}
