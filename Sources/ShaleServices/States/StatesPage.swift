internal import ShaleItems
internal import ShaleStateMachines
internal import ShaleWire

/// Where a list goes on, as texts that clients carry: Base64 of the list's name, "/" and what stood last.
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

    init(_ list: String, _ members: Item) throws(RestError) {
        self.list = list
        let asked = members["maxResults"]?.numberValue?.intValue ?? 0
        limit = asked == 0 ? Self.standard : asked
        guard let token = members.optionalText("nextToken") else {
            last = nil
            return
        }
        last = try StatesToken.last(list, token)
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
            answer["nextToken"] = .string(StatesToken.text(list, name(last)))
        }
        return RestReply(answer)
    }
}
