import OrderedCollections
import ShaleJSON
import Testing

@Suite("JSONata: the language")
struct LanguageTests {
    static let order = """
        {"id":7,"lines":[{"sku":"a","price":2,"tags":["x","y"]},{"sku":"b","price":3.5,"tags":["y"]},
        {"sku":"c","price":2}],"empty":[],"one":[1],"deep":{"sku":"d"}}
        """

    @Test(
        "a path selects, flattens and gives a single value as itself",
        arguments: [
            ("id", "7"), ("lines.sku", #"["a","b","c"]"#), ("lines.tags", #"["x","y","y"]"#),
            ("lines[0].sku", #""a""#), ("lines[-1].sku", #""c""#), ("lines[9]", "undefined"),
            ("lines[price=2].sku", #"["a","c"]"#), ("lines[sku='b'].price", "3.5"),
            ("lines[sku='b'].sku[]", #"["b"]"#), ("one", "[1]"), ("one.$", "1"),
            ("empty", "[]"), ("empty.x", "undefined"), ("nothing.at.all", "undefined"),
            ("lines[[0..1]].sku", #"["a","b"]"#), ("lines.[sku]", #"[["a"],["b"],["c"]]"#),
            ("**.sku", #"["a","b","c","d"]"#), ("deep.*", #""d""#), ("$.id", "7"), ("$$.id", "7"),
            ("lines.{'s':sku}", #"[{"s":"a"},{"s":"b"},{"s":"c"}]"#),
            ("lines{sku:price}", #"{"a":2,"b":3.5,"c":2}"#),
            ("lines^(>price,sku).sku", #"["b","a","c"]"#),
            ("lines#$i.{'i':$i}", #"[{"i":0},{"i":1},{"i":2}]"#),
            ("lines@$l.deep[sku='d'].($l.sku & sku)", #"["ad","bd","cd"]"#),
            ("lines.tags.{'t':$,'of':%.sku}[t='y'].of", #"["a","b"]"#),
            ("lines.tags[%.price=2]", #"["x","y"]"#), ("`id`", "7"), ("\"id\"", #""id""#),
        ]
    )
    func paths(expression: String, result: String) throws {
        #expect(try evaluated(expression, Self.order) == result)
    }

    @Test(
        "operators work on their types, and nothing stays nothing",
        arguments: [
            ("1 + 2 * 3 - 4 / 2", "5"), ("-(3 - 5)", "2"), ("7 % 4", "3"), ("-7 % 4", "-3"),
            ("1 + nothing", "undefined"), ("'a' & 1 & true & null", #""a1truenull""#),
            ("'a' & nothing", #""a""#), ("1 = 1.0", "true"), ("1 = '1'", "false"),
            ("[1,{'a':2}] = [1,{'a':2}]", "true"), ("nothing = nothing", "false"),
            ("2 < 10 and 'b' > 'a'", "true"), ("'\u{1F600}' < '\u{FFFD}'", "true"),
            ("1 in [1,2]", "true"), ("{'a':1} in [{'a':1}]", "true"), ("[1..4]", "[1,2,3,4]"),
            ("[4..1]", "[]"), ("[1..2, 5, 7..8]", "[1,2,5,7,8]"), ("true or $error()", "true"),
            ("false ? 1", "undefined"), ("0 ?: 5", "5"), ("null ?? 5", "null"), ("x ?? 5", "5"),
            ("and = 1", "false"), ("9007199254740993", "9007199254740992"),
            ("1e300 * 10", "1.0E301"),
        ]
    )
    func operators(expression: String, result: String) throws {
        #expect(try evaluated(expression) == result)
    }

    @Test(
        "variables, functions and transforms",
        arguments: [
            ("($a := 1; ($a := 2); $a)", "1"), ("($f := function($x){$x * 2}; $f(4))", "8"),
            ("($add := function($x,$y){$x+$y}; $add(?, 3)(4))", "7"),
            ("($t := $uppercase ~> $substringBefore(?, 'C'); $t('abc'))", #""AB""#),
            ("[1..4] ~> $map(λ($v,$i){$v*$i}) ~> $sum()", "20"),
            (
                "($even := function($n){$n = 0 ? true : $odd($n-1)}; "
                    + "$odd := function($n){$n = 0 ? false : $even($n-1)}; $even(5001))", "false"
            ),
            ("λ($x)<n-:n>{$x}('a')", "T0410"), ("λ($x)<a<n>>{$x}(3)", "[3]"),
            ("{'a':1,'b':{'c':2}} ~> |b|{'d':c},'c'|", #"{"a":1,"b":{"d":2}}"#),
            ("{'a':1} ~> |$|{'self':$}|", #"{"a":1,"self":{"a":1}}"#),
            ("$string(function($x){$x})", #""""#), ("$eval('1+$x')", "undefined"),
            ("$eval('[1,2]')[1]", "2"), ("(1; 2; )", "2"), ("()", "undefined"),
            ("/* why */ 1", "1"),
        ]
    )
    func functions(expression: String, result: String) throws {
        #expect(try evaluated(expression) == result)
    }

    @Test("bindings are variables, and numbers keep their kind where they are whole")
    func bindings() throws {
        #expect(
            try evaluated(
                "$n.a & $m",
                bindings: ["n": .object(["a": .integer(3)]), "m": .double(2)]
            )
                == #""32""#
        )
        #expect(try evaluated("x", #"{"x":[1.0,2.5,{"y":3.0}]}"#) == #"[1,2.5,{"y":3}]"#)
    }
}
