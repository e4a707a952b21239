internal import ShaleBytes

/// A bucket that is a directory: keys are paths below it.
///
/// No key leaves the directory: its parts are names, none of them `.` or `..`. Symbolic links that somebody has put there
/// are followed. An object that is being put has a name that no key can have until it is whole and synced; what an
/// interruption leaves of it is not listed, and goes with `discardPartial`. That name is `.shale-put-`, 16 hexadecimal
/// digits of a hash of the object's name, `-`, and random ones.
public struct DirectoryBucket: Bucket {
    /// As the service has it.
    public static let keySizeBytes = 1_024
    private static let nameSizeBytes = 255
    private static let temporaryPrefix = ".shale-put-"

    private let path: String
    private let files: any FileSystem
    private let randomness: any Randomness

    /// The bucket in `directory`, which must exist.
    public init(_ directory: String, in world: World) {
        path = directory
        files = world.files
        randomness = world.randomness
    }

    /// Puts an object: a new file beside its place, synced, then renamed; the name of each directory on the way is durable
    /// as well.
    public func put(_ key: String, _ bytes: [UInt8]) throws(BucketError) {
        let names = try names(of: key)
        try call(key) { () throws(FileError) in
            var directory = path
            for name in names.dropLast() {
                let next = directory + "/" + name
                if try files.kind(of: next) == nil { try files.createDirectory(next) }
                // Also where it is there: whoever made it may have been killed before its name was durable.
                try files.syncDirectory(directory)
                directory = next
            }
            let name = names.last ?? ""
            let temporary =
                directory + "/" + Self.partialPrefix(of: name)
                + String(randomness.next(), radix: 16)
            do throws(FileError) {
                let file = try files.open(temporary, .create)
                defer { file.close() }
                try file.write(bytes, at: 0)
                try file.sync()
                try files.rename(temporary, to: directory + "/" + name)
            } catch {
                // The first error is what matters; what stays is never listed.
                try? files.remove(temporary)
                throw error
            }
            try files.syncDirectory(directory)
        }
    }

    /// Bytes of an object.
    public func sizeBytes(of key: String) throws(BucketError) -> Int {
        try withFile(key) { file throws(FileError) in try file.sizeBytes() }
    }

    /// Some of an object's bytes.
    public func read(
        _ key: String,
        at offset: Int,
        count: Int
    ) throws(BucketError) -> [UInt8] {
        try withFile(key) { file throws(FileError) in try file.read(at: offset, count: count) }
    }

    /// All keys that begin with `prefix`.
    public func list(prefix: String) throws(BucketError) -> [String] {
        guard prefix.utf8.count <= Self.keySizeBytes else { return [] }
        var keys: [String] = []
        try call(prefix) { () throws(FileError) in try add(below: "", prefix, to: &keys) }
        return keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Deletes an object; directories that become empty stay.
    public func delete(_ key: String) throws(BucketError) {
        let path = path + "/" + (try names(of: key)).joined(separator: "/")
        try call(key) { () throws(FileError) in
            guard try files.kind(of: path) == .file else { return }
            try files.remove(path)
        }
    }

    /// Takes away what interrupted puts of an object have left.
    public func discardPartial(_ key: String) throws(BucketError) {
        let names = try names(of: key)
        let directory = ([path] + names.dropLast()).joined(separator: "/")
        let prefix = Self.partialPrefix(of: names.last ?? "")
        try call(key) { () throws(FileError) in
            guard try files.kind(of: directory) == .directory else { return }
            for name in try files.list(directory) where name.utf8.starts(with: prefix.utf8) {
                try files.remove(directory + "/" + name)
            }
        }
    }

    private static func partialPrefix(of name: String) -> String {
        let digits = String(Hash.xxh3(Array(name.utf8), seed: 0), radix: 16)
        let zeros = String(repeating: "0", count: 16 - digits.utf8.count)
        return temporaryPrefix + zeros + digits + "-"
    }

    /// Adds the keys in one directory and those below it, as far as they can begin with `prefix`.
    private func add(
        below parent: String,
        _ prefix: String,
        to keys: inout [String]
    ) throws(FileError) {
        let directory = parent.isEmpty ? path : path + "/" + parent
        for name in try files.list(directory)
        where !name.utf8.starts(with: Self.temporaryPrefix.utf8) {
            let key = parent.isEmpty ? name : parent + "/" + name
            guard key.utf8.count <= Self.keySizeBytes else { continue }
            switch try files.kind(of: path + "/" + key) {
            case .file: if key.utf8.starts(with: prefix.utf8) { keys.append(key) }
            case .directory:
                let inside = key + "/"
                guard inside.utf8.starts(with: prefix.utf8) || prefix.utf8.starts(with: inside.utf8)
                else { continue }
                try add(below: key, prefix, to: &keys)
            case .other, nil: continue
            }
        }
    }

    /// The parts of a key that an object can have.
    private func names(of key: String) throws(BucketError) -> [String] {
        let parts = key.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        let isValid =
            key.utf8.count <= Self.keySizeBytes && !key.utf8.contains(0)
            && parts.allSatisfy { part in
                !part.isEmpty && part.count <= Self.nameSizeBytes
                    && !part.elementsEqual(".".utf8) && !part.elementsEqual("..".utf8)
                    && !part.starts(with: Self.temporaryPrefix.utf8)
            }
        guard isValid else {
            throw BucketError(.invalidKey, key, "no object of a directory can have this key")
        }
        return parts.map { String(decoding: $0, as: UTF8.self) }
    }

    private func withFile<Answer>(
        _ key: String,
        _ body: (any File) throws(FileError) -> Answer
    ) throws(BucketError) -> Answer {
        let path = path + "/" + (try names(of: key)).joined(separator: "/")
        return try call(key) { () throws(FileError) in
            let file = try files.open(path, .read)
            defer { file.close() }
            return try body(file)
        }
    }

    private func call<Answer>(
        _ key: String,
        _ body: () throws(FileError) -> Answer
    ) throws(BucketError) -> Answer {
        do throws(FileError) {
            return try body()
        } catch {
            switch error.code {
            case .notFound: throw BucketError(.notFound, key, "there is no such object")
            case .noSpace: throw BucketError(.noSpace, key, error.description)
            default: throw BucketError(.failed, key, error.description)
            }
        }
    }
}
