/// A way to the HTTP parser, for fuzzing: takes any bytes and must return.
package enum HTTPProbe {
    /// Parses the bytes at once, and again in small pieces: both must give the same requests and the same end.
    package static func parse(_ bytes: [UInt8]) {
        precondition(requests(bytes, size: bytes.count) == requests(bytes, size: 1), "cut anywhere")
        precondition(requests(bytes, size: bytes.count) == requests(bytes, size: 7), "cut anywhere")
    }

    private static func requests(_ bytes: [UInt8], size: Int) -> [String] {
        var parser = HTTPRequestParser(HTTPLimits())
        var found: [String] = []
        var start = 0
        do throws(HTTPError) {
            while start < bytes.count {
                let end = min(bytes.count, start + max(1, size))
                parser.append(bytes[start..<end])
                start = end
                while let event = try parser.next() {
                    switch event {
                    case .request(let request):
                        found.append("\(request.method) \(request.path) \(request.body)")
                    // Whether leave is asked for before the body is there, depends on the cut.
                    case .continueExpected: break
                    }
                }
            }
        } catch {
            found.append("\(error)")
        }
        return found
    }
}
