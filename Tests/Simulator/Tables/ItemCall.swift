internal import ShaleEngine
internal import ShaleItems
internal import ShaleTables

/// One call on one item, what the model answers, and the request for the database.
struct ItemCall: Sendable {
    enum Change: Sendable {
        case get
        case put(Item)
        case delete
        case update([UpdateStep])
    }

    var schema: TableSchema
    var key: ItemKey
    var change: Change
    var condition: ModelCondition?
    var returns = ReturnValues.none
    var returnsOnFailure = ReturnValuesOnConditionCheckFailure.none
    var isSynced = true
    /// Whether the bytes of the item go in and out as the server has them.
    var isEncoded = false

    /// What came back.
    enum Answer: Sendable, Equatable {
        /// With what a read or `ReturnValues` gave.
        case done(Item?)
        case conditionFailed(Item?)
        /// A validation error.
        case refused
    }

    /// The item after the call, what is answered, and whether a refusal is as good.
    struct Outcome: Sendable {
        var item: Item?
        var answer: Answer
        var mayBeRefused = false
    }

    /// What the specification says.
    func outcome(of old: Item?) -> Outcome {
        var verdict = TableSchema.Verdict.stored
        // A put is looked at before its condition, an update after.
        if case .put(let item) = change { verdict = schema.verdict(of: item) }
        if verdict == .refused { return Outcome(item: old, answer: .refused) }
        if let condition, !condition.holds(old) {
            return Outcome(
                item: old,
                answer: .conditionFailed(returnsOnFailure == .allOld ? old : nil),
                mayBeRefused: verdict == .either
            )
        }
        switch change {
        case .get: return Outcome(item: old, answer: .done(old))
        case .delete: return Outcome(item: nil, answer: .done(returns == .allOld ? old : nil))
        case .put(let item):
            let answer = Answer.done(returns == .allOld ? old : nil)
            return Outcome(item: item, answer: answer, mayBeRefused: verdict == .either)
        case .update(let steps): return update(old, steps)
        }
    }

    private func update(_ old: Item?, _ steps: [UpdateStep]) -> Outcome {
        let before = old ?? key.attributes
        var item = before
        for step in steps {
            guard step.apply(to: &item, before) else {
                return Outcome(item: old, answer: .refused)
            }
        }
        if old == nil, !steps.isEmpty, steps.allSatisfy(\.onlyRemoves) {
            return Outcome(item: nil, answer: .done(nil))
        }
        let verdict = schema.verdict(of: item)
        if verdict == .refused { return Outcome(item: old, answer: .refused) }
        let given: Item? =
            switch returns {
            case .none: nil
            case .allOld: old
            case .allNew: item
            case .updatedOld: old.map { old in Item(steps.compactMap { $0.part(of: old) }) }
            case .updatedNew: Item(steps.compactMap { $0.part(of: item) })
            }
        return Outcome(
            item: item,
            answer: .done(given.flatMap { $0.isEmpty ? nil : $0 }),
            mayBeRefused: verdict == .either
        )
    }

    /// Whether it can change the item.
    var isWrite: Bool { if case .get = change { false } else { true } }
}

extension ItemCall {
    /// Asks the database.
    func perform(on database: Database) async throws(DatabaseError) -> Answer {
        do throws(DatabaseError) {
            if isEncoded, let answer = try await performEncoded(on: database) { return answer }
            var words = ExpressionWords()
            switch change {
            case .get:
                var request = GetItemRequest(tableName: schema.name, key: key.attributes)
                request.consistentRead = true
                return .done(try await database.getItem(request).item)
            case .put(let item):
                let options = options(&words)
                let request = PutItemRequest(
                    tableName: schema.name,
                    item: item,
                    options: options
                )
                return .done(try await database.putItem(request).attributes)
            case .delete:
                let options = options(&words)
                let request = DeleteItemRequest(
                    tableName: schema.name,
                    key: key.attributes,
                    options: options
                )
                return .done(try await database.deleteItem(request).attributes)
            case .update(let steps):
                let text = UpdateStep.text(steps, &words)
                let request = UpdateItemRequest(
                    tableName: schema.name,
                    key: key.attributes,
                    update: text,
                    options: options(&words)
                )
                return .done(try await database.updateItem(request).attributes)
            }
        } catch {
            switch error.code {
            case .conditionalCheckFailed: return .conditionFailed(error.item)
            case .validation: return .refused
            default: throw error
            }
        }
    }

    private func options(_ words: inout ExpressionWords) -> WriteOptions {
        var options = WriteOptions()
        options.condition = condition?.text(&words)
        options.returnValues = returns
        options.returnValuesOnConditionCheckFailure = returnsOnFailure
        options.durability = isSynced ? .synced : .buffered
        options.attributes = ExpressionAttributes(
            names: words.names.isEmpty ? nil : words.names,
            values: words.values.isEmpty ? nil : words.values
        )
        return options
    }

    /// The way of plain requests through the server; nil where they go the other way.
    private func performEncoded(on database: Database) async throws(DatabaseError) -> Answer? {
        switch change {
        case .get:
            let key = PlainKey(bytes: try encode(key.attributes), count: key.attributes.count)
            let outcome = try await database.getEncoded(schema.name, key: key) {
                (bytes) throws(ItemError) in
                try ItemDecoder.decode(bytes)
            }
            switch outcome {
            case .unusual: return nil
            case .absent: return .done(nil)
            case .done(let item): return .done(item)
            }
        case .put(let item):
            let bytes = try encode(item)
            let outcome = try await database.putEncoded(
                schema.name,
                bytes,
                sizeBytes: item.sizeBytes
            )
            if case .unusual = outcome { return nil }
            return .done(nil)
        default: return nil
        }
    }

    private func encode(_ item: Item) throws(DatabaseError) -> [UInt8] {
        do throws(ItemError) {
            return try ItemEncoder.encode(item)
        } catch {
            throw DatabaseError(.internalFailure, "\(error)")
        }
    }
}
