internal import ShaleTables

/// What the caches hold and do, as numbers for Prometheus.
extension MetricSample {
    static func samples(of cache: CacheStatistics, named name: String) -> [MetricSample] {
        func counter(_ suffix: String, _ help: String, _ value: Int) -> MetricSample {
            MetricSample("shale_\(name)_\(suffix)_total", help, .counter, Double(value))
        }
        func gauge(_ suffix: String, _ help: String, _ value: Double) -> MetricSample {
            MetricSample("shale_\(name)_\(suffix)", help, .gauge, value)
        }
        var samples = [
            counter("hits", "Reads that were answered from memory.", cache.hits),
            counter(
                "negative_hits",
                "Of those, reads that were told that there is nothing.",
                cache.negativeHits
            ),
            counter("misses", "Reads that went to the engine.", cache.misses),
            counter("fills", "Entries that were taken in.", cache.fills),
            counter("evictions", "Entries that made room for others.", cache.evictions),
            counter(
                "refused_rare",
                "Entries that were not kept, since others are asked for more often.",
                cache.refusedRare
            ),
            counter(
                "refused_stale",
                "Entries that were not taken in, since a write came between.",
                cache.refusedStale
            ),
            counter(
                "invalidations",
                "Entries that went because their item was written.",
                cache.invalidations
            ),
            counter("joined", "Reads that waited for another's of the same.", cache.joined),
            gauge("entries", "Entries that are held.", Double(cache.entryCount)),
            gauge("bytes", "Bytes that they take.", Double(cache.bytes)),
            gauge("capacity_bytes", "Bytes that they may take.", Double(cache.capacityBytes)),
            gauge("hit_ratio", "The part of reads answered from memory.", cache.hitRatio ?? 0),
        ]
        if let hit = cache.hitNanoseconds {
            let help = "Mean of a sample of reads that were answered from memory."
            samples.append(gauge("hit_seconds", help, Double(hit) / 1e9))
        }
        if let miss = cache.missNanoseconds {
            let help = "Mean of a sample of reads that went to the engine."
            samples.append(gauge("miss_seconds", help, Double(miss) / 1e9))
        }
        return samples
    }
}
