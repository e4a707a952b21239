import ShaleItems
import Testing

@testable import ShaleServices

/// Answers and errors as XML.
@Suite struct QueryEnvelopeTests {
    private let envelope = QueryEnvelope(space: "s", identity: "id")
    private let metadata = "<ResponseMetadata><RequestId>id</RequestId></ResponseMetadata>"

    @Test func `members are elements, and lists have members`() {
        let answer = envelope.answer("Get", ["A": "<&>\"", "B": [["C": 1], ["C": true]], "D": []])
        #expect(
            answer == "<GetResponse xmlns=\"s\"><GetResult><A>&lt;&amp;&gt;&quot;</A>"
                + "<B><member><C>1</C></member><member><C>true</C></member></B><D></D></GetResult>"
                + metadata + "</GetResponse>\n"
        )
    }

    @Test func `an answer may have no result, and an error says whose it is`() {
        #expect(
            envelope.answer("Put", nil)
                == "<PutResponse xmlns=\"s\">\(metadata)</PutResponse>\n"
        )
        #expect(
            envelope.failure("Bad", "a\u{1}b\r\n", isSender: false)
                == "<ErrorResponse xmlns=\"s\"><Error><Type>Receiver</Type><Code>Bad</Code>"
                + "<Message>a b&#xD;\n</Message></Error><RequestId>id</RequestId></ErrorResponse>\n"
        )
    }
}
