internal import ShaleFunctions
internal import ShalePlatform

/// The Python interpreters of this machine, and which of them runs a runtime.
///
/// A version manager puts a script in front of interpreters, which costs 90 ms at each start and asks for files that
/// functions may not read: only the interpreter itself counts.
struct Interpreters: Sendable {
    /// One that can be used.
    struct Found: Equatable, Sendable {
        /// Without links.
        var path: String
        /// What should be said about it.
        var remark: String?
    }

    /// By the name of their runtime.
    var given: [String: String]
    /// Directories, the first one first.
    var searchPath: [String]
    /// Whether functions run as users who own nothing here.
    var mustBeOpenToAll: Bool

    /// The interpreter for a runtime: the one that was given, that version, or the newest that is here.
    ///
    /// - Throws: `.invalidParameter` with what is here and what to do.
    func find(_ runtime: String) throws(FunctionError) -> Found {
        if let path = given[runtime] {
            if let complaint = complaint(path) {
                throw refusal("The interpreter of \(runtime) cannot be used: \(complaint).")
            }
            return Found(path: ProgramFiles.realPath(path) ?? path)
        }
        for directory in searchPath {
            if let path = usable("\(directory)/\(runtime)") { return Found(path: path) }
        }
        if let (name, path) = newest() {
            return Found(path: path, remark: "\(runtime) is not here: \(name) at \(path) runs it.")
        }
        throw refusal("There is no python3 that can be used for \(runtime). \(seen())")
    }

    /// The newest `python3.N`, and its name.
    func newest() -> (name: String, path: String)? {
        for (name, path) in all() {
            if let real = usable(path) { return (name, real) }
        }
        return nil
    }

    /// Names and paths, the newest version first.
    private func all() -> [(String, String)] {
        var found: [(minor: Int, name: String, path: String)] = []
        for directory in searchPath {
            for name in ProgramFiles.names(in: directory) where name.hasPrefix("python3.") {
                guard let minor = Int(name.dropFirst("python3.".count)) else { continue }
                found.append((minor, name, "\(directory)/\(name)"))
            }
        }
        return found.sorted { $0.minor > $1.minor }.map { ($0.name, $0.path) }
    }

    private func usable(_ path: String) -> String? {
        complaint(path) == nil ? ProgramFiles.realPath(path) : nil
    }

    /// Why an interpreter cannot be used; nil where it can.
    private func complaint(_ path: String) -> String? {
        guard let real = ProgramFiles.realPath(path) else { return "\(path) is not there" }
        let mark = Array("#!".utf8)
        if ProgramFiles.beginning(real, mark.count) == mark {
            return "\(path) is a version manager's shim and not an interpreter; name the path that "
                + "`\(path) -c 'import sys; print(sys.executable)'` prints"
        }
        if mustBeOpenToAll, !ProgramFiles.isOpenToAll(real) {
            return "\(real) cannot be read by the users that functions run as; install one where "
                + "everybody can read it, as /usr/bin"
        }
        return nil
    }

    private func seen() -> String {
        let complaints = all().compactMap { complaint($0.1) }
        let list = complaints.isEmpty ? "" : " " + complaints.joined(separator: ". ") + "."
        return "Looked in \(searchPath.joined(separator: ", ")).\(list)"
    }

    private func refusal(_ message: String) -> FunctionError {
        FunctionError(.invalidParameter, message + " `--runtime NAME=PATH` names an interpreter.")
    }
}
