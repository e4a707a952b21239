package import ShaleItems

/// A version of a layer, as the service describes it: files that functions find beside their own code.
///
/// As with functions, it is the description itself, with the service's names; names that begin with `#` are not told.
package struct LayerVersion: Sendable, Equatable {
    /// All members.
    package var fields: Item

    /// Reads what is stored.
    package init(_ fields: Item) { self.fields = fields }

    /// Its number.
    package var number: Int { fields["Version"]?.numberValue?.intValue ?? 0 }
    /// Its resource name, with the number.
    package var resourceName: String { fields["LayerVersionArn"]?.stringValue ?? "" }
    /// The SHA-256 of its archive, in hexadecimal.
    package var codeIdentity: String {
        fields[FunctionConfiguration.codeIdentityName]?.stringValue ?? ""
    }
    /// Bytes of its archive.
    package var codeSize: Int {
        fields["Content"]?.mapValue?["CodeSize"]?.numberValue?.intValue ?? 0
    }
    /// Bytes of its files, unpacked.
    package var unzippedBytes: Int {
        fields[FunctionConfiguration.unzippedName]?.numberValue?.intValue ?? 0
    }

    /// Whether it names a runtime and an architecture; nil is any, and what it does not say is none.
    package func isFor(runtime: String?, architecture: String?) -> Bool {
        says("CompatibleRuntimes", runtime) && says("CompatibleArchitectures", architecture)
    }

    private func says(_ member: String, _ word: String?) -> Bool {
        guard let word else { return true }
        return fields[member]?.listValue?.contains(.string(word)) ?? false
    }

    /// What clients are told; lists do not tell the content.
    package var told: Item { Item(fields.filter { !$0.name.hasPrefix("#") }) }
}
