import ShaleItems
import Testing

@testable import ShaleServices

/// Forms to members.
@Suite struct QueryFormTests {
    private static let shape: [Member] = [
        .required("Name", .text(1...4)), Member("Kind", .word(["a", "b"])),
        Member("Count", .whole(1...9)), Member("IsOn", .flag), Member("Keys", .list(.text(1...3))),
        Member("Tags", .list(.structure([.required("Key", .text()), Member("Value", .text())]))),
    ]

    private static func read(_ text: String) throws -> QueryForm {
        try #require(QueryForm(Array(text.utf8)))
    }

    @Test func `a form has texts, numbers, lists and structures`() throws {
        let form = try Self.read(
            "Name=a+%C3%BC&Kind=b&Count=7&IsOn=true&Keys.member.1=x&Keys.member.2=y"
                + "&Tags.member.1.Key=k&Tags.member.1.Value=&Tags.member.2.Key=l&Other=1"
        )
        #expect(
            try form.members(Self.shape) == [
                "Name": "a ü", "Kind": "b", "Count": 7, "IsOn": true, "Keys": ["x", "y"],
                "Tags": [["Key": "k", "Value": ""], ["Key": "l"]],
            ]
        )
    }

    @Test func `an empty list is a name without a value, and what is not there is not made`() throws
    {
        #expect(try Self.read("Name=a&Keys=").members(Self.shape) == ["Name": "a", "Keys": []])
        #expect(try Self.read("Name=a").members(Self.shape) == ["Name": "a"])
    }

    @Test(arguments: [
        ("", "'name'"), ("Name=", "'name'"), ("Name=abcde", "'name'"), ("Name=a&Kind=c", "'kind'"),
        ("Name=a&Count=0", "'count'"), ("Name=a&Count=x", "'count'"), ("Name=a&IsOn=1", "'isOn'"),
        ("Name=a&Keys.member.1=long", "'keys.1.member'"),
        ("Name=a&Tags.member.1.Value=v", "'tags.1.member.key'"),
    ])
    func `what breaks a shape is named by its path`(_ text: String, _ path: String) throws {
        let form = try Self.read(text)
        #expect { try form.members(Self.shape) } throws: { error in
            guard let error = error as? RestError else { return false }
            return error.name == "ValidationError" && error.message.contains("at \(path)")
        }
    }

    @Test func `what is not encoded right, or far too long, is no form`() {
        #expect(QueryForm(Array("Name=%zz".utf8)) == nil)
        #expect(QueryForm([0xFF]) == nil)
        let long = (0..<1_000).map { "Keys.member.\($0)=x" }.joined(separator: "&")
        #expect(QueryForm(Array(long.utf8)) == nil)
    }
}
