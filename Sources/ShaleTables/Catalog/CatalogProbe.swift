internal import ShaleEngine

/// A way to the catalog's decoder, for fuzzing: takes any bytes and must return.
package enum CatalogProbe {
    /// Decodes an entry; one that is decoded must encode to something that decodes to the same.
    package static func decode(_ bytes: [UInt8]) {
        do {
            let fields = try CatalogFormat.fields(bytes)
            if let system = try SystemEntry(fields, { _ in DecoderProbe.table }) {
                let again = try SystemEntry(CatalogFields(item: system.item)) { _ in
                    DecoderProbe.table
                }
                precondition(again == system, "a system entry is read as written")
                return
            }
            let (table, tallies) = try CatalogFormat.decode(fields) { _ in DecoderProbe.table }
            let encoded = try CatalogFormat.encode(table, tallies)
            let again = try CatalogFormat.decode(encoded) { _ in DecoderProbe.table }
            precondition(again.0 == table && again.1 == tallies, "an entry is read as written")
        } catch {
            // It is refused.
        }
    }
}
