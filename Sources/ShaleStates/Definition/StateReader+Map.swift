internal import OrderedCollections
internal import ShaleJSON

// The fields of a Map state, but for its processor.
extension StateReader {
    func readMap(
        scope: Int,
        isDistributed: Bool,
        executionType: String
    ) throws(DefinitionError) -> MapDefinition {
        MapDefinition(
            scope: scope,
            isDistributed: isDistributed,
            executionType: executionType,
            label: try fields.text("Label"),
            items: try readItems(),
            itemSelector: try readItemSelector(),
            maxConcurrency: try numberSource("MaxConcurrency"),
            toleratedCount: try numberSource("ToleratedFailureCount"),
            toleratedPercentage: try numberSource("ToleratedFailurePercentage"),
            batcher: try readBatcher(),
            writer: try readWriter()
        )
    }

    private func readItems() throws(DefinitionError) -> MapDefinition.Items {
        if let value = fields["ItemReader"] {
            let reader = try Fields(value, at: fields.place("ItemReader"))
            guard let resource = try reader.text("Resource") else {
                throw reader.error("Resource", "is missing")
            }
            let configuration = reader["ReaderConfig"] ?? .object([:])
            return .reader(
                MapDefinition.ItemReader(
                    resource: resource,
                    parameters: try input(of: reader, prefix: "ItemReader/"),
                    configuration: configuration,
                    maxItems: try numberSource(
                        "MaxItems",
                        of: try Fields(configuration, at: reader.place("ReaderConfig")),
                        prefix: "ItemReader/ReaderConfig/"
                    )
                )
            )
        }
        if language == .jsonata { return try template("Items").map { .template($0) } ?? .input }
        return .path(try fields.path("ItemsPath") ?? .whole)
    }

    /// `Parameters` or `Arguments` of a reader or writer.
    private func input(of fields: Fields, prefix: String) throws(DefinitionError) -> Template? {
        let name = language == .jsonPath ? "Parameters" : "Arguments"
        guard let value = fields[name] else { return nil }
        return try part(value, field: prefix + name, at: fields.place(name))
    }

    private func part(
        _ value: JSONValue,
        field: String,
        at place: String
    ) throws(DefinitionError) -> Template {
        switch language {
        case .jsonPath: try Template.paths(value, at: place)
        case .jsonata: try Template.expressions(value, field: field, at: place)
        }
    }

    private func readItemSelector() throws(DefinitionError) -> Template? {
        if let value = fields["ItemSelector"] {
            return try part(value, field: "ItemSelector", at: fields.place("ItemSelector"))
        }
        guard language == .jsonPath, let value = fields["Parameters"] else { return nil }
        return try Template.paths(value, at: fields.place("Parameters"))
    }

    private func readBatcher() throws(DefinitionError) -> MapDefinition.ItemBatcher? {
        guard let value = fields["ItemBatcher"] else { return nil }
        let batcher = try Fields(value, at: fields.place("ItemBatcher"))
        let prefix = "ItemBatcher/"
        var batchInput: Template?
        if let value = batcher["BatchInput"] {
            batchInput = try part(
                value,
                field: prefix + "BatchInput",
                at: batcher.place("BatchInput")
            )
        }
        return MapDefinition.ItemBatcher(
            maxItems: try numberSource("MaxItemsPerBatch", of: batcher, prefix: prefix),
            maxBytes: try numberSource("MaxInputBytesPerBatch", of: batcher, prefix: prefix),
            batchInput: batchInput
        )
    }

    private func readWriter() throws(DefinitionError) -> MapDefinition.ResultWriter? {
        guard let value = fields["ResultWriter"] else { return nil }
        let writer = try Fields(value, at: fields.place("ResultWriter"))
        return MapDefinition.ResultWriter(
            resource: try writer.text("Resource"),
            parameters: try input(of: writer, prefix: "ResultWriter/"),
            configuration: writer["WriterConfig"] ?? .object([:])
        )
    }
}
