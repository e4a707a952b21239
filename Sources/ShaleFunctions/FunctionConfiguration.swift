package import ShaleItems

/// A function, or a version of it, as the service describes it.
///
/// It is the description itself, with the service's names; what has a meaning here has a property. What has none
/// (a VPC, tracing) is kept and told again.
package struct FunctionConfiguration: Sendable, Equatable {
    /// All members.
    package var fields: Item

    /// Reads what is stored.
    package init(_ fields: Item) { self.fields = fields }

    private func text(_ name: String) -> String { fields[name]?.stringValue ?? "" }
    private func number(_ name: String, _ otherwise: Int) -> Int {
        fields[name]?.numberValue?.intValue ?? otherwise
    }

    /// Its name.
    package var name: String { text("FunctionName") }
    /// `$LATEST` or a number.
    package var version: String { text("Version") }
    /// Its resource name, with the version where that is a number.
    package var resourceName: String { text("FunctionArn") }
    /// As `python3.12` or `provided.al2023`.
    package var runtime: String { text("Runtime") }
    /// What of the code is called.
    package var handler: String { text("Handler") }
    /// Its role.
    package var role: String { text("Role") }
    /// Changes with each change.
    package var revision: String { text("RevisionId") }
    /// The SHA-256 of its code, in hexadecimal; not told to clients.
    package var codeIdentity: String { text(Self.codeIdentityName) }
    static let codeIdentityName = "#code"
    /// Bytes of its code's files, unpacked; nil where it is older than that is noted.
    package var unzippedBytes: Int? { fields[Self.unzippedName]?.numberValue?.intValue }
    static let unzippedName = "#unzipped"
    /// The SHA-256 of each of its layers, in their order.
    package var layerIdentities: [String] {
        fields[Self.layersName]?.listValue?.compactMap(\.stringValue) ?? []
    }
    static let layersName = "#layers"
    /// Bytes of its layers' files, unpacked.
    package var layerBytes: Int { number(Self.layerBytesName, 0) }
    static let layerBytesName = "#layer-bytes"
    /// By what its layers are known together; nil where it has none.
    package var layersIdentity: String? {
        let all = layerIdentities
        if all.count < 2 { return all.first }
        return CodeStore.identity(Array(all.joined(separator: "\n").utf8)).name
    }
    /// Whether an environment of it is started before anybody calls.
    package var startsAhead: Bool { fields[Self.startsAheadName] == true }
    static let startsAheadName = "#starts-ahead"
    /// Seconds that an invocation may take.
    package var timeoutSeconds: Int { number("Timeout", 3) }
    /// Megabytes of memory.
    package var memoryMegabytes: Int { number("MemorySize", 128) }
    /// `Pending`, `Active` or `Failed`.
    package var state: String { text("State") }
    /// Its environment variables.
    package var variables: [(name: String, value: String)] {
        let map = fields["Environment"]?.mapValue?["Variables"]?.mapValue ?? [:]
        return map.compactMap { name, value in value.stringValue.map { (name, $0) } }
    }
    /// The group of its log.
    package var logGroup: String {
        fields["LoggingConfig"]?.mapValue?["LogGroup"]?.stringValue ?? "/aws/lambda/\(name)"
    }

    /// What clients are told.
    package var told: Item { Item(fields.filter { !$0.name.hasPrefix("#") }) }
}
