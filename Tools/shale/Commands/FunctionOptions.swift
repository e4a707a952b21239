import ArgumentParser
import Foundation
import ShaleServer

/// What `shale serve` is told about functions.
struct FunctionOptions: ParsableArguments {
    @Flag(name: .customLong("no-functions"), help: "Run no functions.")
    var isWithout = false

    @Option(
        name: .customLong("functions"),
        help: ArgumentHelp(
            "Where functions are unpacked and run: a directory of this server alone, which their users can "
                + "read. By default one below the system's cache, named after --data.",
            valueName: "directory"
        ),
        completion: .directory
    )
    var directory: String?

    @Option(
        name: .customLong("runtime"),
        help: ArgumentHelp(
            "The interpreter of a runtime, as python3.12=/usr/bin/python3.12. May be given often.",
            valueName: "name=path"
        )
    )
    var runtimes: [NamedPath] = []

    /// What the server is told; nil is no functions.
    func settings(data: String) throws -> FunctionSettings? {
        guard !isWithout else { return nil }
        let given = Dictionary(runtimes.map { ($0.name, $0.path) }) { $1 }
        return FunctionSettings(
            cacheDirectory: try directory ?? Self.standardDirectory(data),
            interpreters: given,
            installerVariables: ProcessInfo.processInfo.environment.filter { name, _ in
                Self.installerNames.contains(name.uppercased()) || name.hasPrefix("PIP_")
            }
        )
    }

    private static let installerNames: Set<String> = [
        "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR",
        "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE",
    ]
    /// The end of a path that names a directory; names have at most 255 bytes.
    private static let nameBytes = 200

    /// Below the cache of the system, or of the user who is not root.
    private static func standardDirectory(_ data: String) throws -> String {
        let environment = ProcessInfo.processInfo.environment
        let root =
            getuid() == 0
            ? "/var/cache"
            : environment["XDG_CACHE_HOME"] ?? (environment["HOME"] ?? "/tmp") + "/.cache"
        let path = URL(fileURLWithPath: data).standardizedFileURL.path
        let name = String(decoding: path.utf8.suffix(nameBytes), as: UTF8.self)
        let place = "\(root)/shale/functions/\(name.replacingOccurrences(of: "/", with: "-"))"
        do {
            try FileManager.default.createDirectory(
                atPath: place,
                withIntermediateDirectories: true
            )
        } catch {
            throw Complaint(
                .couldNotStart,
                "\(place) cannot be made (\(error.localizedDescription)). Give another directory with "
                    + "--functions, or leave functions out with --no-functions."
            )
        }
        return place
    }
}

/// A name and a path on the command line: NAME=PATH.
struct NamedPath: ExpressibleByArgument {
    let name: String
    let path: String

    init?(argument: String) {
        let parts = argument.split(separator: "=", maxSplits: 1)
        guard parts.count == 2 else { return nil }
        name = String(parts[0])
        path = String(parts[1])
    }
}
