/// The names of a file system in memory: directories by number, each with its entries.

/// A tree of names.
///
/// A value: the file system guards it.
struct MemoryNames {
    private enum Entry {
        case file(MemoryContent)
        case directory(Int)
    }

    private static let root = 0
    private var directories: [Int: [[UInt8]: Entry]] = [root: [:]]
    private var lastDirectory = root

    /// What a path names, or nil.
    func kind(of path: FilePath) -> FileKind? {
        switch entry(path) {
        case .file: .file
        case .directory: .directory
        case nil: nil
        }
    }

    func file(_ path: FilePath) throws(FileComplaint) -> MemoryContent {
        switch entry(path) {
        case .file(let content): return content
        case .directory: throw .isDirectory
        case nil: throw .noSuchFile
        }
    }

    mutating func create(
        _ path: FilePath,
        in space: MemorySpace
    ) throws(FileComplaint) -> MemoryContent {
        let content = MemoryContent(space)
        try add(.file(content), path)
        return content
    }

    mutating func createDirectory(_ path: FilePath) throws(FileComplaint) {
        if kind(of: path) == .directory { return }
        try add(.directory(lastDirectory + 1), path)
        lastDirectory += 1
        directories[lastDirectory] = [:]
    }

    func list(_ path: FilePath) throws(FileComplaint) -> [String] {
        switch entry(path) {
        case .directory(let directory):
            return directories[directory, default: [:]].keys
                .sorted { $0.lexicographicallyPrecedes($1) }
                .map { String(decoding: $0, as: UTF8.self) }
        case .file: throw .isNotDirectory
        case nil: throw .noSuchFile
        }
    }

    mutating func rename(_ from: FilePath, to: FilePath) throws(FileComplaint) {
        let (source, name) = try place(from)
        guard let moved = directories[source]?[name] else { throw .noSuchFile }
        let (target, newName) = try place(to)
        switch (moved, directories[target]?[newName]) {
        case (.file(let old), .file(let new)) where old === new: return
        case (.directory(let old), .directory(let new)) where old == new: return
        case (.file, .directory): throw .isDirectory
        case (.directory, .file): throw .isNotDirectory
        case (.directory, .directory(let old)):
            guard directories[old, default: [:]].isEmpty else { throw .isNotEmpty }
            directories[old] = nil
        default: break
        }
        directories[source]?[name] = nil
        directories[target]?[newName] = moved
    }

    mutating func link(_ from: FilePath, to: FilePath) throws(FileComplaint) {
        try add(.file(try file(from)), to)
    }

    mutating func remove(_ path: FilePath) throws(FileComplaint) {
        let (directory, name) = try place(path)
        switch directories[directory]?[name] {
        case .file: break
        case .directory(let removed):
            guard directories[removed, default: [:]].isEmpty else { throw .isNotEmpty }
            directories[removed] = nil
        case nil: throw .noSuchFile
        }
        directories[directory]?[name] = nil
    }

    private mutating func add(_ entry: Entry, _ path: FilePath) throws(FileComplaint) {
        guard kind(of: path) == nil else { throw .exists }
        let (directory, name) = try place(path)
        directories[directory]?[name] = entry
    }

    private func entry(_ path: FilePath) -> Entry? {
        var entry = Entry.directory(Self.root)
        for name in path.names {
            guard case .directory(let directory) = entry,
                let next = directories[directory]?[name]
            else { return nil }
            entry = next
        }
        return entry
    }

    /// The directory that holds, or would hold, the last name of a path.
    private func place(_ path: FilePath) throws(FileComplaint) -> (directory: Int, name: [UInt8]) {
        guard let name = path.names.last else { throw .isDirectory }
        switch entry(FilePath(names: Array(path.names.dropLast()))) {
        case .directory(let directory): return (directory, name)
        case .file: throw .isNotDirectory
        case nil: throw .noSuchFile
        }
    }
}
