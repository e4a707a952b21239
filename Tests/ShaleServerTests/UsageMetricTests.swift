import ShaleTables
import Testing

@testable import ShaleServer

/// What tables use, on the page for Prometheus.
struct UsageMetricTests {
    private static func usage(
        _ table: String,
        _ index: String? = nil,
        _ count: UsageCount = UsageCount()
    ) -> ResourceUsage {
        ResourceUsage(tableName: table, indexName: index, count: count, sizeBytes: 7)
    }

    private static func page(_ usages: [ResourceUsage], limit: Int = 10) -> String {
        let samples = MetricSample.samples(ofUsage: usages, limit: limit)
        return PrometheusText(ServerMetrics.State(), engine: samples).text
    }

    @Test func `each table and index has what it used, halves as halves, under one head`() {
        var table = Self.usage("Music")
        table.count = UsageCount(readHalves: 3, writeHalves: 4, streamReads: 5, cacheHits: 6)
        table.refused.reads = 8
        table.refused.writes = 9
        let page = Self.page([Self.usage("Music", "ByGenre"), table])
        for line in [
            #"shale_usage_read_units_total{table="Music",index=""} 1.5"#,
            #"shale_usage_write_units_total{table="Music",index=""} 2"#,
            #"shale_usage_stream_reads_total{table="Music",index=""} 5"#,
            #"shale_usage_cache_hits_total{table="Music",index=""} 6"#,
            #"shale_usage_storage_bytes{table="Music",index=""} 7"#,
            #"shale_throttled_reads_total{table="Music",index=""} 8"#,
            #"shale_throttled_writes_total{table="Music",index=""} 9"#,
            #"shale_usage_read_units_total{table="Music",index="ByGenre"} 0"#,
            "shale_usage_omitted 0",
        ] {
            #expect(page.contains(line + "\n"), "\(line)")
        }
        #expect(page.split(separator: "# TYPE shale_usage_read_units_total").count == 2)
    }

    @Test func `of too many those are told that are used most, and how many are not`() {
        let busy = UsageCount(writeHalves: 2)
        let page = Self.page(
            [Self.usage("A"), Self.usage("B", nil, busy), Self.usage("C", nil, busy)],
            limit: 2
        )
        #expect(!page.contains(#"table="A""#))
        #expect(page.contains(#"shale_usage_write_units_total{table="C",index=""} 1"#))
        #expect(page.contains("shale_usage_omitted 1\n"))
    }

    @Test func `a name cannot leave its label`() {
        #expect(MetricSample.escaped("a\"b\\c\nd") == #"a\"b\\c\nd"#)
        #expect(Self.page([Self.usage("a\"} 1\nb")]).contains(#"{table="a\"} 1\nb",index=""} 7"#))
    }
}
