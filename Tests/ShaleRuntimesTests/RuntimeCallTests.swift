import Testing

@testable import ShaleRuntimes

/// Which call a request of the Runtime API is, and how ends are told.
@Suite struct RuntimeCallTests {
    @Test(arguments: [
        ("GET", "/2018-06-01/runtime/invocation/next", RuntimeCall.next),
        ("POST", "/2018-06-01/runtime/invocation/7/response", .response("7")),
        ("POST", "/2018-06-01/runtime/invocation/7/error", .error("7")),
        ("POST", "/2018-06-01/runtime/init/error", .initialisationError),
        ("GET", "/2018-06-01/runtime/init/error", .unknown),
        ("POST", "/", .unknown),
    ])
    func `a call is known by its method and its path`(
        method: String,
        path: String,
        wanted: RuntimeCall
    ) {
        #expect(RuntimeCall(method: method, path: path) == wanted)
    }

    @Test(arguments: [
        (Int32(0x0100), "exit status 1"), (0, "exit status 0"), (9, "signal: killed"),
        (11, "signal: segmentation fault"), (15, "signal: 15"),
    ])
    func `an end is told as the service tells it`(status: Int32, text: String) {
        #expect(OutcomeText.exit(status) == text)
    }
}
