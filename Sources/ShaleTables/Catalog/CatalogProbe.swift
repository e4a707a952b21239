internal import ShaleEngine

/// A way to the catalog's decoder, for fuzzing: takes any bytes and must return.
package enum CatalogProbe {
    /// Decodes an entry; one that is decoded must encode to something that decodes to the same.
    package static func decode(_ bytes: [UInt8]) {
        do {
            let (table, tallies) = try CatalogFormat.decode(bytes) { _ in DecoderProbe.table }
            let encoded = try CatalogFormat.encode(table, tallies)
            let again = try CatalogFormat.decode(encoded) { _ in DecoderProbe.table }
            precondition(again.0 == table && again.1 == tallies, "an entry is read as written")
        } catch {
            // It is refused.
        }
    }
}
