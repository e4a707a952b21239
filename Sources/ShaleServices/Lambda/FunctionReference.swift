/// What names a function in a request: its name, or its resource name, whole or in part, each perhaps with a qualifier.
///
///     NAME   NAME:QUALIFIER   ACCOUNT:function:NAME   arn:aws:lambda:REGION:ACCOUNT:function:NAME:QUALIFIER
struct FunctionReference: Equatable {
    /// The function.
    var name: String
    /// A version or an alias.
    var qualifier: String?
    /// Where it is said to be; nil is here.
    var region: String?
    var account: String?

    static let pattern = Pattern(
        #"(arn:(aws[a-zA-Z-]*)?:lambda:)?([a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_]+)(:(\$LATEST|[a-zA-Z0-9-_]+))?"#
    ) { FunctionReference($0) != nil }

    /// Reads a reference; nil is what names no function.
    init?(_ text: String) {
        var parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if parts.first == "arn" {
            guard parts.count >= 7, parts[1].hasPrefix("aws"), parts[2] == "lambda" else {
                return nil
            }
            region = parts[3]
            parts.removeFirst(4)
        }
        if parts.count >= 3, parts[1] == "function" {
            guard parts[0].utf8.count == 12, parts[0].utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else {
                return nil
            }
            account = parts[0]
            parts.removeFirst(2)
        } else if region != nil {
            return nil
        } else if parts.count >= 2, parts[0] == "function" {
            parts.removeFirst()
        }
        guard (1...2).contains(parts.count), Self.isName(parts[0]) else { return nil }
        name = parts[0]
        guard parts.count == 2 else { return }
        guard parts[1] == "$LATEST" || Self.isName(parts[1]) else { return nil }
        qualifier = parts[1]
    }

    private static func isName(_ text: String) -> Bool {
        !text.isEmpty
            && text.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
