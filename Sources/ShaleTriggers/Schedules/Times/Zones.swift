package import ShalePlatform
internal import Synchronization

/// The time zones of the machine, by their names in the IANA's database: read when somebody asks, and then kept.
package final class Zones: Sendable {
    /// Where systems keep the database.
    package static let directory = "/usr/share/zoneinfo"
    private static let sizeLimit = 1 << 20
    /// What lies in the directory and is none of the database's names.
    private static let others: Set<String> = [
        "posix", "right", "localtime", "posixrules", "Factory",
    ]

    private let files: any FileSystem
    private let directory: String
    private let known = Mutex<[String: Zone]>(["UTC": .utc])

    /// The zones of a directory.
    package init(_ files: any FileSystem, directory: String = Zones.directory) {
        self.files = files
        self.directory = directory
    }

    /// The zone of a name, as `Europe/Berlin`; nil where the machine has none.
    ///
    /// UTC is always there.
    ///
    /// Reads a file of a few kilobytes the first time.
    package func zone(_ name: String) -> Zone? {
        if let known = known.withLock({ $0[name] }) { return known }
        guard Self.isName(name), let zone = read(name) else { return nil }
        known.withLock { $0[name] = zone }
        return zone
    }

    /// Letters, digits, `+`, `-` and `_` between slashes: nothing that leads elsewhere.
    private static func isName(_ name: String) -> Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard let first = parts.first, !others.contains(String(first)) else { return false }
        return parts.allSatisfy { part in
            !part.isEmpty
                && part.utf8.allSatisfy { byte in
                    switch byte {
                    case UInt8(ascii: "a")...UInt8(ascii: "z"),
                        UInt8(ascii: "A")...UInt8(ascii: "Z"),
                        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"),
                        UInt8(ascii: "-"), UInt8(ascii: "_"):
                        true
                    default: false
                    }
                }
        }
    }

    /// A file that is not there, or cannot be read, is a zone that the machine does not have.
    private func read(_ name: String) -> Zone? {
        let path = "\(directory)/\(name)"
        do throws(FileError) {
            guard try files.kind(of: path) == .file else { return nil }
            let file = try files.open(path, .read)
            defer { file.close() }
            let size = min(try file.sizeBytes(), Self.sizeLimit)
            return ZoneFormat.zone(try file.read(at: 0, count: size))
        } catch {
            return nil
        }
    }
}
