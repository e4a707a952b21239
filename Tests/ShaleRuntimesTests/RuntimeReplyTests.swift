import ShaleFunctions
import Testing

@testable import ShaleRuntimes

/// Headers and bodies that processes are given, and who is answered at all.
@Suite struct RuntimeReplyTests {
    @Test(arguments: [
        ("eyJhIjoxfQ==", "{\"a\":1}" as String?), ("", ""), ("YQ", "a"), ("!", nil),
        // A line break would begin another header.
        ("YQpi", nil),
    ])
    func `what a client says of itself is given decoded`(text: String, wanted: String?) {
        #expect(RuntimeReply.decodedContext(text) == wanted)
    }

    @Test(arguments: [
        ("Runtime.Odd", "error\tError Type: Runtime.Odd"), ("ValueError", "error"),
        ("Function.A\tB", "error"), (nil, "error"),
    ])
    func `the report has the service's types of error and no others`(type: String?, word: String) {
        #expect(OutcomeText.reported(type) == word)
    }

    @Test(arguments: [(0xC350, 0x1F90, 61_184 as UInt32?), (0x1F90, 0xC350, 0), (1, 2, nil)])
    func `the user of a connection is read from the system's table`(
        port: Int,
        other: Int,
        user: UInt32?
    ) {
        let rest = "00000000:00000000 00:00000000 00000000"
        let table = """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout
               0: 0100007F:C350 0100007F:1F90 01 \(rest) 61184        0 31070 1 0000000000000000
               1: 0100007F:1F90 0100007F:C350 01 \(rest)     0        0 31071 1 0000000000000000
            """
        #expect(LoopbackPeer.owner(of: port, to: other, in: table) == user)
    }
}
