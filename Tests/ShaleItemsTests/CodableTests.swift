import ShaleItems
import Testing

@Suite struct CodableTests {
    enum Color: String, Codable { case red, green }

    struct Address: Codable, Equatable {
        var street: String
        var lines: [String]
    }

    struct Person: Codable, Equatable {
        var id: Int
        var name: String
        var height: Double
        var isActive: Bool
        var color: Color
        var picture: [UInt8]
        var tags: Set<String>
        var scores: Set<Int>
        var address: Address
        var nickname: String?
        var counts: [String: Int]
        var exact: Number
        var free: AttributeValue
    }

    static let person = Person(
        id: 7,
        name: "Ada",
        height: 1.65,
        isActive: true,
        color: .green,
        picture: [1, 2],
        tags: ["b", "a"],
        scores: [3, 1],
        address: Address(street: "Road", lines: ["x", "y"]),
        nickname: nil,
        counts: ["k": 1],
        exact: 1.25,
        free: ["x", .null]
    )

    static let item: Item = [
        "id": 7, "name": "Ada", "height": 1.65, "isActive": true, "color": "green",
        "picture": .binary([1, 2]), "tags": .stringSet(["a", "b"]), "scores": .numberSet([1, 3]),
        "address": ["street": "Road", "lines": ["x", "y"]], "counts": ["k": 1], "exact": 1.25,
        "free": ["x", .null],
    ]

    @Test func `a struct becomes an item and comes back`() throws {
        #expect(try AttributeEncoder().encode(Self.person) == Self.item)
        #expect(try AttributeDecoder().decode(Person.self, from: Self.item) == Self.person)
    }

    @Test func `an empty set is left out and comes back`() throws {
        var person = Self.person
        person.tags = []
        person.scores = []
        let item = try AttributeEncoder().encode(person)
        #expect(item["tags"] == nil)
        #expect(item["scores"] == nil)
        #expect(try AttributeDecoder().decode(Person.self, from: item) == person)
        #expect(throws: ItemError.self) { try AttributeEncoder().encode(["l": [Set<String>()]]) }
    }

    /// An empty array is one of any elements, when it is cast.
    struct Arrays: Codable, Equatable {
        var texts: [String] = []
        var numbers: [Int] = []
        var addresses: [Address] = []
        var pictures: [[UInt8]] = []
        var picture: [UInt8] = []
        var counts: [String: Int] = [:]
        var nested: [[String]] = [[]]
    }

    @Test func `an empty array is an empty list, and of bytes it is no bytes`() throws {
        let item = try AttributeEncoder().encode(Arrays())
        #expect(
            item == [
                "texts": .list([]), "numbers": .list([]), "addresses": .list([]),
                "pictures": .list([]), "picture": .binary([]), "counts": .map([:]),
                "nested": .list([.list([])]),
            ]
        )
        #expect(try AttributeDecoder().decode(Arrays.self, from: item) == Arrays())
    }

    @Test func `null decodes as nil`() throws {
        var item = Self.item
        item["nickname"] = .null
        #expect(try AttributeDecoder().decode(Person.self, from: item) == Self.person)
    }

    @Test func `nil in an array or dictionary is null`() throws {
        #expect(try AttributeEncoder().encodeValue([1, nil, 3]) == [1, .null, 3])
        #expect(try AttributeEncoder().encode(["a": Int?.none]) == ["a": .null])
        #expect(
            try AttributeDecoder().decodeValue([Int?].self, from: [1, .null, 3]) == [1, nil, 3]
        )
    }

    @Test(
        arguments: [
            ("name", 1, "name"), ("id", 1.5, "id"), ("color", "blue", "color"),
            ("tags", "x", "tags"),
            ("address", ["street": "x", "lines": ["a", 2]], "address.lines[1]"),
            ("address", ["street": "x"], "address.lines"),
        ] as [(String, AttributeValue, String)]
    )
    func `what does not fit is named by its path`(
        name: String,
        value: AttributeValue,
        path: String
    ) {
        var item = Self.item
        item[name] = value
        let error = #expect(throws: ItemError.self) {
            try AttributeDecoder().decode(Person.self, from: item)
        }
        #expect(error?.code == .notConvertible)
        #expect(error?.path == path)
    }

    @Test func `a number without attribute value is named by its path`() {
        let error = #expect(throws: ItemError.self) {
            try AttributeEncoder().encode(["a": ["b": [1, Double.nan]]])
        }
        #expect(error?.path == "a.b[1]")
        #expect(error?.code == .notNumeric)
    }

    @Test func `only a map is an item`() {
        #expect(throws: ItemError.self) { try AttributeEncoder().encode([1, 2]) }
        #expect(throws: ItemError.self) { try AttributeEncoder().encode("x") }
    }

    @Test func `integers that do not fit are refused`() {
        #expect(throws: ItemError.self) {
            try AttributeDecoder().decodeValue(Int8.self, from: 128)
        }
        #expect(throws: ItemError.self) { try AttributeDecoder().decodeValue(UInt.self, from: -1) }
    }

    class Parent: Codable {
        var one = 1
    }

    final class Child: Parent {
        var two = 2

        override init() { super.init() }

        private enum Keys: CodingKey { case two, nested }

        required init(from decoder: any Decoder) throws {
            let container = try decoder.container(keyedBy: Keys.self)
            two = try container.decode(Int.self, forKey: .two)
            var list = try container.nestedUnkeyedContainer(forKey: .nested)
            #expect(try list.decode(String.self) == "n")
            try super.init(from: container.superDecoder())
        }

        override func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(two, forKey: .two)
            var list = container.nestedUnkeyedContainer(forKey: .nested)
            try list.encode("n")
            try super.encode(to: container.superEncoder())
        }
    }

    @Test func `nested containers and superclasses work`() throws {
        let child = Child()
        child.one = 10
        let item = try AttributeEncoder().encode(child)
        #expect(item == ["two": 2, "nested": ["n"], "super": ["one": 10]])
        let decoded = try AttributeDecoder().decode(Child.self, from: item)
        #expect(decoded.one == 10)
    }
}
