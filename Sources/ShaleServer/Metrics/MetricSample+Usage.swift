internal import ShaleTables

/// What tables and global indexes have used since the server started, and what was refused, as numbers for Prometheus.
extension MetricSample {
    /// So many tables and indexes are told, so that a page stays below a MB: those that are used most.
    static let mostResources = 1_000

    /// The numbers of those that are there, each once; `limit` of them are told.
    static func samples(
        ofUsage usages: [ResourceUsage],
        limit: Int = mostResources
    ) -> [MetricSample] {
        let told = busiest(usages, limit).map { (usage: $0, label: label(of: $0)) }
        func each(
            _ name: String,
            _ help: String,
            _ kind: Kind = .counter,
            _ value: (ResourceUsage) -> Double
        ) -> [MetricSample] {
            told.map { usage, label in
                var sample = MetricSample("shale_" + name, help, kind, value(usage))
                sample.label = label
                return sample
            }
        }
        var samples = each("usage_read_units_total", "Read request units that were consumed.") {
            Double($0.count.readHalves) / 2
        }
        samples += each("usage_write_units_total", "Write request units that were consumed.") {
            Double($0.count.writeHalves) / 2
        }
        samples += each("usage_stream_reads_total", "Calls that read the table's stream.") {
            Double($0.count.streamReads)
        }
        samples += each("usage_cache_hits_total", "Items that the item cache had.") {
            Double($0.count.cacheHits)
        }
        samples += each("usage_storage_bytes", "Bytes that are stored, as they are billed.", .gauge)
        {
            Double($0.sizeBytes)
        }
        samples += each("throttled_reads_total", "Reads for which capacity was lacking.") {
            Double($0.refused.reads)
        }
        samples += each("throttled_writes_total", "Writes for which capacity was lacking.") {
            Double($0.refused.writes)
        }
        let help = "Tables and indexes that are not told, since there are too many."
        let omitted = Double(usages.count - told.count)
        return samples + [MetricSample("shale_usage_omitted", help, .gauge, omitted)]
    }

    /// Those that used most, in the order of their names.
    private static func busiest(_ usages: [ResourceUsage], _ limit: Int) -> [ResourceUsage] {
        func name(_ usage: ResourceUsage) -> (String, String) {
            (usage.tableName, usage.indexName ?? "")
        }
        func weight(_ usage: ResourceUsage) -> Int {
            usage.count.readHalves + usage.count.writeHalves
                + usage.refused.reads + usage.refused.writes
        }
        let ordered = usages.sorted { name($0) < name($1) }
        guard ordered.count > limit else { return ordered }
        let kept = ordered.sorted { weight($0) > weight($1) }.prefix(limit)
        return kept.sorted { name($0) < name($1) }
    }

    private static func label(of usage: ResourceUsage) -> String {
        "table=\"\(escaped(usage.tableName))\",index=\"\(escaped(usage.indexName ?? ""))\""
    }

    /// A label's value as Prometheus wants it.
    static func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            .replacing("\n", with: "\\n")
    }
}
