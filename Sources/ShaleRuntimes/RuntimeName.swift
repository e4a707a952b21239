internal import ShaleFunctions

/// The runtimes that there are.
enum RuntimeName: Equatable {
    /// A program named `bootstrap` in the archive.
    case provided
    /// `python3.N`.
    case python(String)

    /// Reads the service's name.
    ///
    /// - Throws: `.invalidParameter` with what there is.
    init(_ name: String, newest: () -> (name: String, path: String)?) throws(FunctionError) {
        if ["provided", "provided.al2", "provided.al2023"].contains(name) {
            self = .provided
            return
        }
        let prefix = "python3."
        let minor = name.dropFirst(prefix.count)
        if name.hasPrefix(prefix), !minor.isEmpty, minor.utf8.count <= 3,
            minor.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        {
            self = .python(name)
            return
        }
        let python = newest().map { "\($0.name) at \($0.path)" } ?? "no python3 on this machine"
        throw FunctionError(
            .invalidParameter,
            "The runtime \(name.isEmpty ? "(none)" : name) is not there. There are python3.N (\(python)), "
                + "provided, provided.al2 and provided.al2023: bring a program that is called bootstrap "
                + "and speaks the Runtime API."
        )
    }
}
