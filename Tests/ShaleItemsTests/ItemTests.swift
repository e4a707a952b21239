import ShaleItems
import Testing

@Suite struct ItemTests {
    @Test func `names are kept in the order of their bytes`() {
        let item: Item = ["b": 1, "a": 2, "é": 3, "Z": 4, "ab": 5]
        #expect(item.names == ["Z", "a", "ab", "b", "é"])
        #expect(item.map(\.value) == [4, 2, 5, 1, 3])
    }

    @Test func `the last value of a name wins`() {
        let item: Item = ["b": 1, "a": 2, "b": 3, "b": 4]
        #expect(item == ["a": 2, "b": 4])
        #expect(item.count == 2)
    }

    @Test func `names are told apart by bytes, not by canonical equivalence`() {
        let composed = "\u{E9}"
        let decomposed = "e\u{301}"
        #expect(composed == decomposed, "the test needs two texts that Swift holds equal")
        var item = Item()
        item[composed] = 1
        #expect(item[decomposed] == nil)
        item[decomposed] = 2
        #expect(item.count == 2)
        #expect(item[composed] == 1)
        #expect(AttributeValue.string(composed) != .string(decomposed))
        #expect(
            AttributeValue.string(composed).hashValue != AttributeValue.string(decomposed).hashValue
        )
    }

    @Test func `attributes are replaced and removed`() {
        var item: Item = ["a": 1, "b": 2]
        item["a"] = "x"
        #expect(item["a"] == "x")
        item["a"] = nil
        #expect(item == ["b": 2])
        #expect(item.remove("b") == 2)
        #expect(item.remove("b") == nil)
        #expect(item.isEmpty)
    }

    @Test func `null is a value, nil is none`() {
        var item: Item = ["a": .null]
        #expect(item["a"] == .null)
        item["b"] = .null
        #expect(item.count == 2)
    }

    @Test func `literals make every simple type`() {
        let item: Item = [
            "text": "x", "whole": 1, "part": 1.5, "flag": true, "none": .null, "list": [1, "a"],
            "map": ["k": false],
        ]
        #expect(item.map(\.value.type) == [.bool, .list, .map, .null, .number, .string, .number])
    }

    @Test func `sets are equal without order`() {
        #expect(AttributeValue.stringSet(["a", "b"]) == .stringSet(["b", "a"]))
        #expect(AttributeValue.numberSet([1, 2.5]) == .numberSet([2.5, 1]))
        #expect(AttributeValue.binarySet([[1], [2]]) == .binarySet([[2], [1]]))
        #expect(AttributeValue.stringSet(["a"]) != .stringSet(["a", "b"]))
        #expect(
            AttributeValue.stringSet(["a", "b"]).hashValue
                == AttributeValue.stringSet(["b", "a"]).hashValue
        )
        #expect(AttributeValue.list([1, 2]) != .list([2, 1]))
        #expect(AttributeValue.string("1") != .number(1))
    }

    @Test func `many unsorted attributes find their places`() {
        let names = (0..<2_000).map { "k\(($0 * 7_919) % 2_000)" }
        let item = Item(names.enumerated().map { ($1, .number(Number($0))) })
        #expect(item.count == 2_000)
        #expect(item.names == Set(names).sorted())
        for (index, name) in names.enumerated() { #expect(item[name] == .number(Number(index))) }
    }
}
