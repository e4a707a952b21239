import ShaleJSON
import Testing

@testable import ShaleStates

@Suite struct JSONPathTests {
    static let store = #"""
        {"store":{"book":[
        {"category":"reference","title":"Sayings","price":8.95},
        {"category":"fiction","title":"Sword","price":12.99},
        {"category":"fiction","title":"Moby","isbn":"0-553","price":8.99}],
        "bicycle":{"color":"red","price":19.95}},"max":10,"a-b":{"c d":[[1,2],[3]]}}
        """#

    /// Paths, and what they find as JSON; nil where they find nothing.
    @Test(arguments: [
        ("$", nil as String?),
        ("$.max", "10"),
        ("$['max']", "10"),
        ("$[\"max\"]", "10"),
        ("$.store.book[0].title", #""Sayings""#),
        ("$.store.book[-1].title", #""Moby""#),
        ("$.store.book[*].price", "[8.95,12.99,8.99]"),
        ("$.store.book[0,2].price", "[8.95,8.99]"),
        ("$.store.book[1:].price", "[12.99,8.99]"),
        ("$.store.book[:1].price", "[8.95]"),
        ("$.store.book[-2:].price", "[12.99,8.99]"),
        ("$.store.book[0:9].price", "[8.95,12.99,8.99]"),
        ("$..price", "[8.95,12.99,8.99,19.95]"),
        ("$.store..color", #"["red"]"#),
        ("$..book[2].title", #"["Moby"]"#),
        ("$.store.bicycle.*", #"["red",19.95]"#),
        ("$.store.bicycle['color','price']", #"{"color":"red","price":19.95}"#),
        ("$.store.book[?(@.isbn)].title", #"["Moby"]"#),
        ("$.store.book[?(!@.isbn)].title", #"["Sayings","Sword"]"#),
        ("$.store.book[?(@.price < $.max)].title", #"["Sayings","Moby"]"#),
        ("$.store.book[?(@.price < 10 && @.category == 'fiction')].title", #"["Moby"]"#),
        ("$.store.book[?(@.category == 'reference' || @.price >= 12.99)].price", "[8.95,12.99]"),
        ("$.store.book[?(@.category in ['reference'])].price", "[8.95]"),
        ("$.store.book[?(@.category nin ['reference'])].price", "[12.99,8.99]"),
        ("$.store.book[?(@.title contains 'ob')].price", "[8.99]"),
        ("$.store.book[?(@.category == reference)].price", "[8.95]"),
        ("$.store.book[(@.length-1)].title", #""Moby""#),
        ("$.a-b['c d'][0][1]", "2"),
        ("$.store.book.length()", "3"),
        ("$.store.book[*].price.max()", "12.99"),
        ("$.a-b['c d'][0].sum()", "3.0"),
        ("$.store.bicycle.keys()", #"["color","price"]"#),
        ("$.store.nothing", nil),
        ("$.max.nothing", nil),
        ("$.store.book.title", nil),
        ("$.nothing[*]", "[]"),
        ("$.store.nothing..x", "[]"),
        ("$.nothing[0]", nil),
    ])
    func `a path finds what the service finds`(path: String, expected: String?) throws {
        let data = try JSONParser.value(of: Self.store)
        let found = try JSONPathParser.path(of: path).find(in: data)
        if path == "$" { return #expect(found == .value(data)) }
        guard let expected else { return #expect(found == .nothing) }
        #expect(found == .value(try JSONParser.value(of: expected)))
    }

    @Test func `an index behind the end of an array is told from nothing`() throws {
        let data = try JSONParser.value(of: "[1,2]")
        #expect(try JSONPathParser.path(of: "$[2]").find(in: data) == .beyond)
        #expect(try JSONPathParser.path(of: "$[-3]").find(in: data) == .beyond)
        #expect(try JSONPathParser.path(of: "$[2].x").find(in: data) == .nothing)
    }

    @Test(arguments: [
        ("$$.Execution.Id", JSONPath.Root.context, true),
        ("$order.id", .variable("order"), true),
        ("$a[0].b", .variable("a"), true),
        ("$[*]", .data, false),
        ("$..a", .data, false),
        ("$.a[1:2]", .data, false),
        ("$['a','b']", .data, true),
        ("$['a','b'].c", .data, false),
    ])
    func `a path knows where it starts and whether it is definite`(
        text: String,
        root: JSONPath.Root,
        isDefinite: Bool
    ) throws {
        let path = try JSONPathParser.path(of: text)
        #expect(path.root == root)
        #expect(path.isDefinite == isDefinite)
        #expect(path.text == text)
    }

    @Test(arguments: [
        "", "a", "$.", "$.a.", "$[", "$[]", "$['a]", "$[a]", "$.a[?(@.b)", "$.a[?@.b]", "$.a b",
        "$[99999999999]",
        "$.a[1:2:3]", "$..", "$[?(@.a =~ /x/)]", "$[(@.length)]", "$[(@.size-1)]",
    ])
    func `what is no path is refused`(text: String) {
        #expect(throws: PathError.self) { try JSONPathParser.path(of: text) }
    }

    @Test(arguments: [
        ("$", "{}", "9"),
        ("$.a", #"{"b":1}"#, #"{"b":1,"a":9}"#),
        ("$.a.b.c", #"{"a":{"x":1}}"#, #"{"a":{"x":1,"b":{"c":9}}}"#),
        ("$['a b'][1]", #"{"a b":[1,2]}"#, #"{"a b":[1,9]}"#),
        ("$[1].p", #"[{},{"q":1}]"#, #"[{},{"q":1,"p":9}]"#),
    ])
    func `a reference path takes a value`(path: String, data: String, expected: String) throws {
        let path = try JSONPathParser.path(of: path)
        #expect(path.isReference)
        let written = path.writing(.integer(9), into: try JSONParser.value(of: data))
        #expect(written?.json == expected)
    }

    @Test(arguments: [("$.a", "1"), ("$.a.b", #"{"a":1}"#), ("$[2]", "[1,2]"), ("$.a[0]", "{}")])
    func `a reference path leads nowhere in other data`(path: String, data: String) throws {
        let path = try JSONPathParser.path(of: path)
        #expect(path.writing(.null, into: try JSONParser.value(of: data)) == nil)
    }

    @Test func `an evaluation that would look at too much ends`() throws {
        var data = JSONValue.array(Array(repeating: .integer(1), count: 10))
        for _ in 0..<3 { data = .array(Array(repeating: data, count: 10)) }
        let path = try JSONPathParser.path(of: "$..*..*..*..*")
        guard case .value(.array(let found)) = path.find(in: data) else {
            Issue.record("an indefinite path gives an array")
            return
        }
        #expect(found.count <= JSONPath.visitLimit)
    }
}
