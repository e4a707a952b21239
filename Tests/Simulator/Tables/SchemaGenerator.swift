internal import ShaleItems
internal import ShaleTables
internal import Simulation

/// Random tables and indexes.
enum SchemaGenerator {
    private static let projected = ["n", "t", "s", "l", "m"]

    static func table(
        _ name: String,
        _ swarm: TableSwarm,
        _ generator: inout SimulatedGenerator
    ) -> TableSchema {
        func type() -> KeyType { [.string, .number, .binary][generator.below(3)] }
        let candidates = (0..<4).map { KeySchema.Attribute("a\($0)", type()) }
        let partition = KeySchema.Attribute("pk", type())
        let sort = generator.oneIn(3) ? nil : KeySchema.Attribute("sk", type())
        var schema = TableSchema(
            name: name,
            key: KeySchema(partition: partition, sort: sort),
            indexes: [],
            candidates: candidates,
            partitions: [1, 3, 10][generator.below(3)]
        )
        if sort != nil {
            for number in 0..<min(2, generator.below(swarm.indexLimit + 1)) {
                let key = KeySchema(partition: partition, sort: candidates[generator.below(4)])
                schema.indexes.append(index("local\(number)", key, isLocal: true, &generator))
            }
        }
        for number in 0..<generator.below(swarm.indexLimit + 1) {
            let key = globalKey(candidates + schema.key.attributes, &generator)
            schema.indexes.append(index("global\(number)", key, isLocal: false, &generator))
        }
        schema.hasExpiry = generator.below(100) < swarm.expiryPercent
        schema.hasStream = generator.below(100) < swarm.streamPercent
        return schema
    }

    /// An index for a table that is there.
    static func added(
        _ number: Int,
        to schema: TableSchema,
        _ generator: inout SimulatedGenerator
    ) -> IndexSchema {
        let loose = KeySchema.Attribute(TableSchema.loose, .string)
        let choices = generator.oneIn(2) ? [loose] + schema.candidates : schema.candidates
        return index("added\(number)", globalKey(choices, &generator), isLocal: false, &generator)
    }

    private static func globalKey(
        _ choices: [KeySchema.Attribute],
        _ generator: inout SimulatedGenerator
    ) -> KeySchema {
        let partition = choices[generator.below(choices.count)]
        let sort = choices[generator.below(choices.count)]
        return KeySchema(
            partition: partition,
            sort: sort == partition || generator.oneIn(3) ? nil : sort
        )
    }

    private static func index(
        _ name: String,
        _ key: KeySchema,
        isLocal: Bool,
        _ generator: inout SimulatedGenerator
    ) -> IndexSchema {
        let some = projected.filter { _ in generator.oneIn(2) }
        let projection: IndexProjection =
            switch generator.below(3) {
            case 0: .all
            case 1: .keysOnly
            default: some.isEmpty ? .keysOnly : .include(some)
            }
        return IndexSchema(name: name, isLocal: isLocal, key: key, projection: projection)
    }
}
