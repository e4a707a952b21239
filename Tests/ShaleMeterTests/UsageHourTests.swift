import ShaleItems
import ShaleTables
import Testing

@testable import ShaleMeter

struct UsageHourTests {
    @Test func `an hour comes back as it was stored`() {
        var hour = UsageHour(day: 20_000, hour: 7, tableName: "Music", indexName: "ByGenre")
        hour.count = UsageCount(readHalves: 1, writeHalves: 2, streamReads: 3, cacheHits: 4)
        hour.byteSeconds = 5
        hour.backupByteSeconds = 6
        hour.peakReadHalves = 7
        hour.peakWriteHalves = 8
        hour.requests = 9
        hour.megabyteMilliseconds = 10
        #expect(UsageHour(hour.item) == hour)
        #expect(hour.item["place"] == "07 Music/ByGenre")
    }

    @Test func `what is zero is left out`() {
        let hour = UsageHour(day: 1, hour: 0, tableName: "Music")
        #expect(hour.item == hour.primaryKey)
        #expect(UsageHour(hour.item) == hour)
    }

    @Test(
        arguments: [
            ["place": "07 Music"], ["day": 1, "place": "7 Music"], ["day": 1, "place": "24 Music"],
            ["day": 1, "place": "07"], ["day": 1, "place": "07 Music", "reads": "many"],
            ["day": 1, "place": "07 Music", "reads": -1],
        ] as [Item]
    )
    func `what is no hour is none`(item: Item) { #expect(UsageHour(item) == nil) }

    @Test func `the peak is the busiest time between two foldings`() {
        var hour = UsageHour(day: 1, hour: 0, tableName: "Music")
        let busy = UsageCount(readHalves: 600, writeHalves: 61)
        hour.add(busy, sizeBytes: 100, backupBytes: 10, milliseconds: 60_000)
        hour.add(UsageCount(readHalves: 60), sizeBytes: 100, backupBytes: 10, milliseconds: 60_000)
        #expect(hour.peakReadHalves == 10)
        #expect(hour.peakWriteHalves == 2)
        #expect(hour.count == UsageCount(readHalves: 660, writeHalves: 61))
        #expect(hour.byteSeconds == 12_000)
        #expect(hour.backupByteSeconds == 1_200)
    }

    @Test func `a folding soon after another makes no peak of what a minute has`() {
        var hour = UsageHour(day: 1, hour: 0, tableName: "Music")
        hour.add(
            UsageCount(readHalves: 600, writeHalves: 61),
            sizeBytes: 1_000,
            backupBytes: 0,
            milliseconds: 100
        )
        #expect(hour.peakReadHalves == 10)
        #expect(hour.peakWriteHalves == 2)
        #expect(hour.byteSeconds == 100)
    }
}
