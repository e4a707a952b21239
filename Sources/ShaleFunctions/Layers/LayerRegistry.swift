internal import ShaleEngine
internal import ShaleItems
internal import ShaleTables

/// What layers there are: items of the system table `$layers`.
///
///     partition key  layer name, or `#names`: the list of all layers
///     sort key       version#000000000001 | policy#000000000001, or the layer's name
///     fields         M: the description, with the service's names; of the list, the number that was given last
///
/// A number is never given twice, so that a layer stays in the list when its last version has gone.
struct LayerRegistry: Sendable {
    private static let list = "#names"
    private static let countName = "count"
    private let table: SystemTable

    /// Opens the registry; makes it where it is not there.
    ///
    /// - Throws: `.internalFailure`.
    init(_ database: Database) async throws(DatabaseError) {
        let key = KeySchema(
            partition: KeySchema.Attribute("name", .string),
            sort: KeySchema.Attribute("what", .string)
        )
        table = try await database.systemTable("$layers", key: key)
    }

    /// The number that a layer's last version was given; 0 where there never was one.
    ///
    /// - Throws: `.internalFailure`.
    func count(_ layer: String) async throws(DatabaseError) -> Int {
        let item = try await table.item(Self.key(Self.list, layer))
        return item?["fields"]?.mapValue?[Self.countName]?.numberValue?.intValue ?? 0
    }

    /// The names of all layers behind one, in order.
    ///
    /// - Throws: `.internalFailure`.
    func names(after last: String?) async throws(DatabaseError) -> [String] {
        let from: AttributeValue? = last.map { .string($0 + "\u{0}") }
        let items = try await table.items(of: .string(Self.list), in: (from: from, to: nil))
        return items.compactMap { $0["what"]?.stringValue }
    }

    /// A version; nil where there is none.
    ///
    /// - Throws: `.internalFailure`.
    func version(_ number: Int, of layer: String) async throws(DatabaseError) -> LayerVersion? {
        try await fields(Self.versionKey(number), of: layer).map(LayerVersion.init)
    }

    /// The versions of a layer that are there, the newest first.
    ///
    /// - Throws: `.internalFailure`.
    func versions(of layer: String) async throws(DatabaseError) -> [LayerVersion] {
        let items = try await table.items(
            of: .string(layer),
            in: (from: "version#", to: "version#\u{7F}"),
            .descending
        )
        return items.compactMap { $0["fields"]?.mapValue }.map(LayerVersion.init)
    }

    /// Adds a version.
    ///
    /// - Throws: `.internalFailure`.
    func add(_ version: LayerVersion, to layer: String) async throws(DatabaseError) {
        let number = version.number
        try await table.write(putting: [
            Self.item(layer, Self.versionKey(number), version.fields),
            Self.item(Self.list, layer, [Self.countName: .number(Number(number))]),
        ])
    }

    /// Deletes a version with its policy.
    ///
    /// - Throws: `.internalFailure`.
    func delete(_ number: Int, of layer: String) async throws(DatabaseError) {
        let keys = [Self.versionKey(number), Self.policyKey(number)]
        try await table.write(deleting: keys.map { Self.key(layer, $0) })
    }

    /// Who may use a version; nil where nobody was named.
    ///
    /// - Throws: `.internalFailure`.
    func policy(of number: Int, of layer: String) async throws(DatabaseError) -> Item? {
        try await fields(Self.policyKey(number), of: layer)
    }

    /// Says who may use a version; nil is nobody.
    ///
    /// - Throws: `.internalFailure`.
    func setPolicy(
        _ fields: Item?,
        of number: Int,
        of layer: String
    ) async throws(DatabaseError) {
        let what = Self.policyKey(number)
        guard let fields else { return try await table.write(deleting: [Self.key(layer, what)]) }
        try await table.write(putting: [Self.item(layer, what, fields)])
    }

    private func fields(_ what: String, of layer: String) async throws(DatabaseError) -> Item? {
        try await table.item(Self.key(layer, what))?["fields"]?.mapValue
    }

    private static func versionKey(_ number: Int) -> String {
        FunctionRegistry.versionKey(String(number))
    }

    private static func policyKey(_ number: Int) -> String {
        "policy#" + versionKey(number).dropFirst("version#".count)
    }

    private static func key(_ name: String, _ what: String) -> Item {
        ["name": .string(name), "what": .string(what)]
    }

    private static func item(_ name: String, _ what: String, _ fields: Item) -> Item {
        var item = key(name, what)
        item["fields"] = .map(fields)
        return item
    }
}
