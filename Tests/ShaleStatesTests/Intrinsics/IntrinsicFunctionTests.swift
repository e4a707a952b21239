import ShaleJSON
import Testing

@testable import ShaleStates

@Suite struct IntrinsicFunctionTests {
    static let input = #"""
        {"name":"Ada","n":5,"f":2.6,"t":true,"nil":null,"list":[1,2,3,4,5],"o":{"a":1,"b":[2]},
        "csv":"a,b,,c","json":"{\"k\":[1,2]}","empty":"","s10001":0}
        """#

    /// Calls, and the results as JSON; nil where the state fails.
    @Test(arguments: [
        ("States.Format('Hello {}', $.name)", #""Hello Ada""#),
        ("States.Format('{} {} {}', $.n, $.f, $.t)", #""5 2.6 true""#),
        (#"States.Format('Name: \'{}\' \\{\\}', $.name)"#, nil as String?),
        (#"States.Format('\{{}\}', $.name)"#, #""{Ada}""#),
        ("States.Format('{}', $.o)", #""{a=1, b=[2]}""#),
        ("States.Format('{}', $.nil)", #""null""#),
        ("States.Format('{}')", nil),
        ("States.Format('{', $.n)", nil),
        ("States.Format('{}', $.n, $.n)", nil),
        ("States.Format($.n, $.n)", nil),
        ("States.StringToJson($.json)", #"{"k":[1,2]}"#),
        ("States.StringToJson($.empty)", "null"),
        ("States.StringToJson($.name)", nil),
        ("States.JsonToString($.o)", #""{\"a\":1,\"b\":[2]}""#),
        ("States.Array()", "[]"),
        ("States.Array(1, 'x', null, $.t)", #"[1,"x",null,true]"#),
        ("States.ArrayPartition($.list, 2)", "[[1,2],[3,4],[5]]"),
        ("States.ArrayPartition($.list, 2.6)", "[[1,2],[3,4],[5]]"),
        ("States.ArrayPartition($.list, 0.6)", nil),
        ("States.ArrayPartition($.list, -1)", nil),
        ("States.ArrayContains($.list, 3)", "true"),
        ("States.ArrayContains($.list, '3')", "false"),
        ("States.ArrayRange(1, 9, 2)", "[1,3,5,7,9]"),
        ("States.ArrayRange(5, 1, -2)", "[5,3,1]"),
        ("States.ArrayRange(5, 1, 1)", "[]"),
        ("States.ArrayRange(5.4, -0.6, -2.4)", "[5,3,1]"),
        ("States.ArrayRange(1, 10, 0.49)", nil),
        ("States.ArrayRange(1, 1001, 1)", nil),
        ("States.ArrayRange('a', 5, 1)", nil),
        ("States.ArrayGetItem($.list, 4)", "5"),
        ("States.ArrayGetItem($.list, 5)", "null"),
        ("States.ArrayGetItem($.list, -1)", nil),
        ("States.ArrayGetItem($.list, '1')", nil),
        ("States.ArrayLength($.list)", "5"),
        ("States.ArrayLength($.name)", nil),
        ("States.ArrayUnique(States.Array('b', 'a', 'b'))", #"["a","b"]"#),
        ("States.ArrayUnique(States.Array(true, false, true))", "[false,true]"),
        (
            "States.ArrayUnique(States.Array(States.Array(1, 2), States.Array(2, 1)))",
            "[[2,1],[1,2]]"
        ),
        ("States.ArrayUnique(States.Array(null, 1, null))", "[null,1]"),
        ("States.Base64Encode('Data to encode')", #""RGF0YSB0byBlbmNvZGU=""#),
        ("States.Base64Decode('RGF0YSB0byBlbmNvZGU=')", #""Data to encode""#),
        ("States.Base64Decode('YWJj!')", #""abc""#),
        (
            "States.Hash('input data', 'SHA-256')",
            #""b4a697a057313163aee33cd8d40c66e9f0f177e00cac2de32475ffff6169c3e3""#
        ),
        ("States.Hash('x', 'SHA256')", nil),
        (#"States.JsonMerge($.o, States.StringToJson('{"b":3}'), false)"#, #"{"a":1,"b":3}"#),
        ("States.JsonMerge($.o, $.o, true)", nil),
        ("States.MathAdd(1.5, -1.51)", "0"),
        ("States.MathAdd($.n, '1')", nil),
        ("States.MathRandom(3, 4)", "3"),
        ("States.MathRandom(4, 4)", nil),
        ("States.StringSplit($.csv, ',')", #"["a","b","c"]"#),
        ("States.StringSplit($.csv, '')", nil),
        ("States.StringSplit('1-2:3', '-:')", #"["1","2","3"]"#),
        ("States.Format('{}', $.nothing)", nil),
        ("States.Format('{}', $.list[7])", nil),
    ])
    func `a function gives what the service gives`(call: String, expected: String?) throws {
        let text = JSONValue.string(call).json
        let state = #"{"Type":"Pass","End":true,"Parameters":{"v.$":\#(text)}}"#
        let driver = try Machines.runState(state, input: Self.input)
        if let expected {
            #expect(driver.outcome == "{\"v\":\(expected)}")
        } else {
            #expect(driver.end?.error == "States.Runtime")
            #expect(
                driver.end?.cause?.contains("The function '\(call)' had the following error: ")
                    ?? false
            )
        }
    }

    @Test(arguments: [
        "States.Format", "States.Format(", "States.Format()", "States.UUID(1)", "States.Nothing()",
        "States.MathAdd(1)", "States.Array(1,)", "States.Array(a)", "States.Array('a)",
        "States.Array(1) x", "x",
        "States.Array(States.Array(States.Array(States.Array(States.Array(States.Array(States.Array("
            + "States.Array(States.Array(States.Array(States.Array(1)))))))))))",
    ])
    func `what is no call is refused`(text: String) {
        #expect(throws: PathError.self) { try IntrinsicParser.call(of: text) }
    }

    @Test func `identifiers are random, of version 4, and the entropy's alone`() throws {
        func identifier(_ seed: UInt64) -> String { RandomStream(seed: seed).uuid() }
        #expect(identifier(1) == identifier(1))
        #expect(identifier(1) != identifier(2))
        let parts = identifier(7).split(separator: "-")
        #expect(parts.map(\.count) == [8, 4, 4, 4, 12])
        #expect(parts[2].first == "4")
        #expect("89ab".contains(parts[3].first ?? " "))
    }

    /// The digests of RFC 1321, FIPS 180 and of a text of two blocks.
    @Test(arguments: [
        ("MD5", "", "d41d8cd98f00b204e9800998ecf8427e"),
        ("MD5", "message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
        ("SHA-1", "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("SHA-256", "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "SHA-384", "abc",
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed"
                + "8086072ba1e7cc2358baeca134c825a7"
        ),
        (
            "SHA-512", "abc",
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                + "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
        (
            "SHA-256", "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func `hashes are those of their standards`(name: String, text: String, digest: String) {
        #expect(HashAlgorithm(rawValue: name)?.digest(Array(text.utf8)) == digest)
    }

    @Test(arguments: ["", "a", "ab", "abc", "abcd", "ÿ\u{0}x"])
    func `Base64 reads what it has written`(text: String) {
        #expect(Base64.decode(Base64.encode(Array(text.utf8))) == Array(text.utf8))
    }
}
