import ShaleJSON
import ShaleJSONata
import Testing

@Suite("JSONata: limits")
struct LimitTests {
    @Test(
        "what does not end, or grows without end, ends with the code of its limit",
        arguments: [
            ("($f := function(){$f()}; $f())", "U1001"),
            ("($f := function($n){$n + $f($n)}; $f(1))", "U1001"),
            ("($f := function($x){$f([$x, 1])}; $f(1))", "U1002"),
            ("($f := function($k){$f(function(){$k()})}; $f(function(){1}))", "U1002"),
            ("($f := function($s){$f($s & $s)}; $f('x'))", "U1002"),
            ("$reduce([1..1000], function($a,$b){[[$a]]})", "U1002"), ("$pad('', 1e15)", "U1002"),
            ("[1..1e7].[1..1e7]", "U1001"), ("$formatInteger(1e15, 'I')", "U1002"),
            ("$map([1..1000], function($v){[1..10000000]})", "U1002"),
            ("($a := [1..1000]; $map([1..9000], function($v){$a}))", "U1002"),
            ("($a := [1..3000].{'k': 'xxxxxxxxxx'}; $map([1..10000], function($v){$a}))", "U1002"),
            ("($a := $pad('', 100000, 'x'); $map([1..10000], function($v){$a}))", "U1002"),
            ("$eval($e)", "U1001"), ("$map([1..9], $f := function($x){$map([1..9], $f)})", "U1001"),
        ]
    )
    func ends(expression: String, code: String) async throws {
        let limits = EvaluationContext.Limits(steps: 100_000, depth: 100, size: 4 << 20)
        let result = await onDeepStack {
            try? evaluated(expression, bindings: ["e": .string("$eval($e)")], limits: limits)
        }
        #expect(result == code)
    }

    @Test(
        "a text that stands too deep is refused, however it does so",
        arguments: [
            "(", "[", "{\"a\":", "-", "$f(", "a[", "a?", "a^(", "function($x){", "a~>|", "a.(",
            "$a:=", "|a|", "1+", "a&", "a~>", "a.", "a^(b).",
        ]
    )
    func depth(opening: String) async throws {
        let text = String(repeating: opening, count: 20_000) + "1"
        let result = await onDeepStack { try? evaluated(text) }
        #expect(result == "U1001")
    }

    @Test(
        "numbers that are none, and widths that no text has, trap nothing",
        arguments: [
            ("$round(1.5, 0/0)", "2"), ("$formatInteger(0/0, 'I')", "D1001"),
            ("[1][0/0]", "undefined"),
            ("$substring('abc', 0/0)", #""""#), ("$pad('a', 0/0)", #""a""#),
            ("$split('a', 'b', 0/0)", "D3020"),
            ("$fromMillis(0/0)", "D1001"), ("$formatBase(0/0)", #""0""#), ("[0/0..1]", "T2003"),
            ("$fromMillis(0, '[Y,2--5] [Y,99999999999] [MN,0-0]')", #""70 1970 JANUARY""#),
            ("$toMillis('999999999', '[Y]')", "undefined"), ("$power(0/0, 2)", "D3061"),
        ]
    )
    func noNumbers(expression: String, result: String) throws {
        #expect(try evaluated(expression) == result)
    }
}
