import ShaleJSON
import ShaleJSONata
import Testing

/// Seeded changes of expressions: whatever comes out of them has a value or an error, and takes a bounded time.
@Suite("JSONata: changed expressions")
struct FuzzTests {
    static let seeds = [
        "Account.Order[0].Product{`Name`: $sum(Price * Quantity)}^(>Price, <Name)",
        "($f := function($n)<n-n?:n>{$n <= 1 ? 1 : $n * $f($n - 1)}; $f(5)) ~> $string()",
        "lib.loans@$l#$i.books[$l.isbn=isbn].{'t': title, 'p': %.%.name, 'i': $i} ?? []",
        "$replace(\"a\\u00e9b\", /(a|b)+?[^x-z]{1,3}$/i, function($m){$m.match & '!'})",
        "$ ~> |a.b|{'c': **.d}, ['e', 'f']| ~> $merge(?, {'x': [1..10][$ % 2 = 0]})",
        "$formatNumber(-1234.5, '#,##0.00;(#)') & $fromMillis(1e12, '[Y0001]-[FNn,3-3] [Pn]', '-0530')",
        "$formatInteger(1999, 'Ww;o') & $toMillis('12th May 2020', '[D1o] [MNn] [Y]') /* end */",
    ]
    static let pieces = [
        "(", ")", "[", "]", "{", "}", "|", "%", "**", "^(", "@$v", "#$i", "~>", ":=", "..", "?:",
        "??", "?", ":", ";", ",", "$", "`",
        "\"", "'", "\\", "/", "/*", "*/", "-", "function($x){", "<n-:s>", "null", "true", "and",
        "in", "1e9", "0.5", "[]", "é", "😀", "(0/0)", "(1/0)", "-1e300", "99999999999",
    ]

    @Test("a thousand changes of each seed end", arguments: seeds.indices)
    func changed(index: Int) async throws {
        let count = await onDeepStack { Self.run(index) }
        #expect(count == 1_000)
    }

    private static func run(_ index: Int) -> Int {
        var random = Generator(state: UInt64(index) + 1)
        let input =
            #"{"a":[{"b":{"c":1,"d":"x"}}],"Account":{"Order":[{"Product":[{"Price":2}]}]},"lib":{"loans":[{"isbn":1}],"books":[{"isbn":1}]}}"#
        var ended = 0
        for _ in 0..<1_000 {
            var text = Array(seeds[index])
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0...text.count, using: &random)
                switch Int.random(in: 0..<3, using: &random) {
                case 0:
                    text.insert(contentsOf: pieces.randomElement(using: &random) ?? "", at: place)
                case 1 where place < text.count:
                    text.removeSubrange(
                        place..<min(text.count, place + Int.random(in: 1...5, using: &random))
                    )
                default:
                    let other = Int.random(in: 0...text.count, using: &random)
                    text.insert(contentsOf: text[min(place, other)..<max(place, other)], at: place)
                }
            }
            let limits = EvaluationContext.Limits(steps: 5_000, depth: 60, size: 1 << 20)
            if (try? evaluated(String(text), input, limits: limits)) != nil { ended += 1 }
        }
        return ended
    }

    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ (state >> 33)
        }
    }
}
