internal import ShaleJSON

/// What a Map state says beside what all states say.
struct MapDefinition: Sendable {
    /// Where the items come from.
    enum Items: Sendable {
        /// An array in the data.
        case path(JSONPath)
        /// `Items` of JSONata.
        case template(Template)
        /// The input itself, in JSONata.
        case input
        case reader(ItemReader)
    }

    struct ItemReader: Sendable {
        let resource: String
        let parameters: Template?
        let configuration: JSONValue
        /// `MaxItems`, where it is found by a path or an expression.
        let maxItems: NumberSource?
    }

    struct ItemBatcher: Sendable {
        let maxItems: NumberSource?
        let maxBytes: NumberSource?
        let batchInput: Template?
    }

    struct ResultWriter: Sendable {
        let resource: String?
        let parameters: Template?
        let configuration: JSONValue
    }

    /// What runs for each item.
    let scope: Int
    let isDistributed: Bool
    /// `STANDARD` or `EXPRESS`, of child executions.
    let executionType: String
    let label: String?
    let items: Items
    let itemSelector: Template?
    let maxConcurrency: NumberSource?
    let toleratedCount: NumberSource?
    let toleratedPercentage: NumberSource?
    let batcher: ItemBatcher?
    let writer: ResultWriter?
}
