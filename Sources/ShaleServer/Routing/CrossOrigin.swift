/// Which pages of other origins a browser lets use this server: none, unless the server was told one.
struct CrossOrigin: Sendable {
    /// What a browser may remember of a permission.
    private static let maxAgeSeconds = 172_800
    private static let readableHeaders = "x-amzn-RequestId, x-amz-crc32"

    /// One origin, or `*` for all.
    let allowed: String

    /// Answers the question that a browser asks before a request; nil for any other request.
    func preflight(_ request: HTTPRequest) -> HTTPResponse? {
        guard request.isMethod("OPTIONS"), let origin = origin(of: request),
            request.header("access-control-request-method") != nil
        else { return nil }
        var response = HTTPResponse(
            status: 200,
            contentType: "text/plain; charset=utf-8",
            body: []
        )
        response.headers = permission(origin)
        response.headers.append(("Access-Control-Allow-Methods", "GET, HEAD, POST, OPTIONS"))
        if let wanted = request.header("access-control-request-headers") {
            response.headers.append(("Access-Control-Allow-Headers", wanted))
        }
        response.headers.append(("Access-Control-Max-Age", "\(Self.maxAgeSeconds)"))
        return response
    }

    /// Lets the page that sent a request read its response.
    func permit(_ request: HTTPRequest, _ response: inout HTTPResponse) {
        guard let origin = origin(of: request) else { return }
        response.headers += permission(origin)
        response.headers.append(("Access-Control-Expose-Headers", Self.readableHeaders))
    }

    private func permission(_ origin: String) -> [(name: String, value: String)] {
        allowed == "*"
            ? [("Access-Control-Allow-Origin", "*")]
            : [("Access-Control-Allow-Origin", origin), ("Vary", "Origin")]
    }

    /// The origin of a request that has one, if it may use this server.
    private func origin(of request: HTTPRequest) -> String? {
        guard let origin = request.header("origin") else { return nil }
        return allowed == "*" || origin.utf8.elementsEqual(allowed.utf8) ? origin : nil
    }
}
