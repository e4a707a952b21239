/// What a process says over the Runtime API: a request, by its method and path.
///
///     GET  /2018-06-01/runtime/invocation/next            the next invocation, when there is one
///     POST /2018-06-01/runtime/invocation/ID/response     what the function answers
///     POST /2018-06-01/runtime/invocation/ID/error        what was wrong with it
///     POST /2018-06-01/runtime/init/error                 why there is no function
enum RuntimeCall: Equatable {
    case next
    case response(String)
    case error(String)
    case initialisationError
    case unknown

    private static let prefix = "/2018-06-01/runtime/"

    /// Reads a request.
    init(method: String, path: String) {
        self = .unknown
        guard path.hasPrefix(Self.prefix) else { return }
        let parts = path.dropFirst(Self.prefix.count).split(
            separator: "/",
            omittingEmptySubsequences: false
        )
        switch (method, parts.count) {
        case ("GET", 2) where parts[0] == "invocation" && parts[1] == "next": self = .next
        case ("POST", 2) where parts[0] == "init" && parts[1] == "error":
            self = .initialisationError
        case ("POST", 3) where parts[0] == "invocation" && parts[2] == "response":
            self = .response(String(parts[1]))
        case ("POST", 3) where parts[0] == "invocation" && parts[2] == "error":
            self = .error(String(parts[1]))
        default: return
        }
    }
}
