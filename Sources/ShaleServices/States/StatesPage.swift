internal import ShaleItems
internal import ShaleStateMachines
internal import ShaleWire

/// Where a list goes on, as texts that clients carry: Base64 of the list's name, whose list it is, and what
/// stood last, with "/" between them.
enum StatesToken {
    static func text(_ list: String, _ last: String) -> String {
        Base64.encode(Array("\(list)/\(last)".utf8))
    }

    /// What stood last.
    ///
    /// - Throws: `InvalidToken` for what is no token of this list.
    static func last(_ list: String, _ token: String) throws(RestError) -> String {
        let bytes: [UInt8]
        do throws(WireError) { bytes = try Base64.decode(token) } catch { throw invalid(token) }
        let prefix = Array("\(list)/".utf8)
        guard bytes.starts(with: prefix),
            let last = String(validating: bytes.dropFirst(prefix.count), as: UTF8.self)
        else { throw invalid(token) }
        return last
    }

    private static func invalid(_ token: String) -> RestError {
        .states(.invalidToken, "Invalid Token: '\(token.prefix(256))'")
    }
}

/// What one page of a list takes, and tells.
struct StatesPage {
    /// Elements of a page that nobody asked a number of.
    private static let standard = 100

    /// The member of the answer that holds the elements.
    let list: String
    /// The most elements of this page.
    let limit: Int
    /// What stood last on the page before.
    let last: String?
    /// The list and whose it is: what a token must be of.
    private let scope: String

    /// Reads what a request asks for.
    ///
    /// - Parameters:
    ///   - list: The member of the answer that holds the elements.
    ///   - owner: Whose list it is, and in which order: a token of another one is refused.
    ///   - members: Those of the request.
    /// - Throws: `InvalidToken`.
    init(_ list: String, of owner: String = "", _ members: Item) throws(RestError) {
        self.list = list
        scope = "\(list)/\(owner)"
        let asked = members["maxResults"]?.numberValue?.intValue ?? 0
        limit = asked == 0 ? Self.standard : asked
        guard let token = members.optionalText("nextToken") else {
            last = nil
            return
        }
        last = try StatesToken.last(scope, token)
    }

    /// The answer of elements, of which there may be one more than the page takes.
    func reply<Element>(
        _ found: [Element],
        _ name: (Element) -> String,
        _ told: (Element) -> Item
    ) -> RestReply {
        let shown = found.prefix(limit)
        var answer: Item = [list: .list(shown.map { .map(told($0)) })]
        if found.count > limit, let last = shown.last {
            answer["nextToken"] = .string(token(behind: name(last)))
        }
        return RestReply(answer)
    }

    /// The token of the page that begins behind something.
    func token(behind last: String) -> String { StatesToken.text(scope, last) }
}
