import Testing

@Suite("JSONata: functions")
struct FunctionTests {
    @Test(
        "strings",
        arguments: [
            ("$string({'a':[1,2.50,null]})", #""{\"a\":[1,2.5,null]}""#),
            ("$string(1/3)", #""0.333333333333333""#),
            ("$string(0.1+0.2)", #""0.3""#), ("$string(1e21)", #""1e+21""#),
            ("$string(1e-7)", #""1e-7""#),
            ("$string({'a':1}, true)", #""{\n  \"a\": 1\n}""#), ("$length('a😀')", "2"),
            ("$substring('hello', -3, 2)", #""ll""#), ("$substring('hello', 1)", #""ello""#),
            ("$substringBefore('a-b','-')", #""a""#), ("$substringAfter('a-b','-')", #""b""#),
            ("$trim('  a \n b ')", #""a b""#), ("$pad('a', -3, '0')", #""00a""#),
            ("$contains('abc', /B/i)", "true"), ("$split('a,b;c', /[,;]/)", #"["a","b","c"]"#),
            ("$join(['a','b'], '-')", #""a-b""#),
            ("$match('ab12cd3', /([a-z]+)(\\d+)/).groups", #"["ab","12","cd","3"]"#),
            ("$replace('2021-02', /(\\d+)-(\\d+)/, '$2/$1')", #""02/2021""#),
            ("$replace('aXbX', 'X', '$1')", #""a$1b$1""#),
            ("$base64encode('häß')", #""aMOkw58=""#), ("$base64decode('aMOkw58=')", #""häß""#),
            ("$encodeUrlComponent('a b/ü')", #""a%20b%2F%C3%BC""#),
            ("$encodeUrl('a b/ü')", #""a%20b/%C3%BC""#),
            ("$decodeUrl('%2F%C3%BC')", #""%2Fü""#), ("$decodeUrlComponent('%2F')", #""/""#),
        ]
    )
    func strings(expression: String, result: String) throws {
        #expect(try evaluated(expression) == result)
    }

    @Test(
        "numbers",
        arguments: [
            ("$number('-1.5e2')", "-150"), ("$number('0x1F')", "31"), ("$number('1.')", "D3030"),
            ("$round(2.5)", "2"), ("$round(-1.005, 2)", "-1"), ("$round(1.015, 2)", "1.02"),
            ("$floor(-1.5)", "-2"), ("$ceil(1.2)", "2"), ("$abs(-3)", "3"),
            ("$sqrt(2) > 1.414", "true"),
            ("$power(2, 10)", "1024"), ("$formatBase(255, 16)", #""ff""#),
            ("$formatNumber(-1234.5, '#,##0.00;(#,##0.00)')", #""(1,234.50)""#),
            ("$formatNumber(1.005, '0.00')", #""1.00""#), ("$formatNumber(0.5, '0%')", #""50%""#),
            ("$formatInteger(2026, 'w')", #""two thousand and twenty-six""#),
            ("$formatInteger(4, 'i')", #""iv""#),
            ("$parseInteger('twelve thousand, four hundred and seventy-six', 'w')", "12476"),
            ("$sum([1,2,3])", "6"), ("$average([1,2])", "1.5"), ("$max([])", "undefined"),
            ("$min([3,1])", "1"),
            ("$random() < 1", "true"), ("$count($shuffle([1..5]))", "5"),
        ]
    )
    func numbers(expression: String, result: String) throws {
        #expect(try evaluated(expression) == result)
    }

    @Test(
        "arrays, objects and functions of functions",
        arguments: [
            ("$append([1],2)", "[1,2]"), ("$reverse([1..3])", "[3,2,1]"),
            ("$distinct([1,'1',1,[2],[2]])", "[1,\"1\",[2]]"),
            ("$sort(['b','a'])", #"["a","b"]"#), ("$sort([1..4], λ($a,$b){$a<$b})", "[4,3,2,1]"),
            ("$zip([1,2],[3,4,5])", "[[1,3],[2,4]]"),
            ("$keys({'a':1,'b':2})", #"["a","b"]"#), ("$lookup([{'a':1},{'a':2}],'a')", "[1,2]"),
            ("$spread({'a':1,'b':2})", #"[{"a":1},{"b":2}]"#),
            ("$merge([{'a':1},{'a':2,'b':3}])", #"{"a":2,"b":3}"#),
            ("$each({'a':1}, λ($v,$k){$k & $v})", #""a1""#),
            ("$sift({'a':1,'b':2}, λ($v){$v>1})", #"{"b":2}"#),
            ("$filter([1..4], λ($v){$v%2=0})", "[2,4]"),
            ("$reduce([1..4], λ($a,$b){$a*$b})", "24"),
            ("$reduce([1..4], λ($a,$b){$a*$b}, 10)", "240"), ("$single([1,2], λ($v){$v=2})", "2"),
            ("$type([])", #""array""#), ("$exists(nothing)", "false"), ("$not(0)", "true"),
            ("$boolean([0,1])", "true"),
            ("$assert(1=2, 'no')", "D3141"), ("$clone({'a':1})", #"{"a":1}"#),
            ("$count(nothing)", "0"),
        ]
    )
    func collections(expression: String, result: String) throws {
        #expect(try evaluated(expression) == result)
    }

    @Test(
        "dates are those of the context, or of pictures",
        arguments: [
            ("$now()", #""2025-11-29T13:00:00.123Z""#), ("$millis()", "1764421200123"),
            ("$now('[H01]:[m01]', '+0200')", #""15:00""#),
            ("$fromMillis(0, '[FNn], [D1o] [MNn] [Y]')", #""Thursday, 1st January 1970""#),
            ("$fromMillis(-1)", #""1969-12-31T23:59:59.999Z""#), ("$fromMillis(9e15)", "D1001"),
            ("$toMillis('2024-02-29T12:00:00+01:00')", "1709204400000"),
            ("$toMillis('29/02/24', '[D]/[M]/[Y]')", "-61404739200000"),
            ("$toMillis('2024W', '[Y]')", "undefined"),
            ("$fromMillis(1709204400000, '[X]-W[W01]-[F1]')", #""2024-W09-4""#),
        ]
    )
    func dates(expression: String, result: String) throws {
        #expect(try evaluated(expression) == result)
    }
}
