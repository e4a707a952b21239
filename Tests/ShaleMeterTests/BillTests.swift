import ShaleTables
import Testing

@testable import ShaleMeter

struct BillTests {
    private static let prices = PriceList(
        name: "test",
        currency: "USD",
        millionReadRequestUnits: 1,
        millionWriteRequestUnits: 10,
        readUnitHour: 0.1,
        writeUnitHour: 1,
        gigabyteMonth: 720,
        backupGigabyteMonth: 72,
        hundredThousandStreamReads: 100_000,
        millionFunctionRequests: 2_000_000,
        functionGigabyteSecond: 10,
        targetUtilizationPercent: 50
    )

    private static func hour(_ change: (inout UsageHour) -> Void) -> UsageHour {
        var hour = UsageHour(day: 20_000, hour: 3, tableName: "Music")
        change(&hour)
        return hour
    }

    @Test func `requests are paid by the million units, halves as halves`() {
        let bill = Self.prices.bill([
            Self.hour { $0.count = UsageCount(readHalves: 1_000_000, writeHalves: 400_000) }
        ])
        #expect(bill.reads == 0.5)
        #expect(bill.writes == 2)
    }

    @Test func `a GB for an hour is a part of a month of thirty days`() {
        let bill = Self.prices.bill([
            Self.hour {
                $0.byteSeconds = 3600 << 30
                $0.backupByteSeconds = 7200 << 30
            }
        ])
        #expect(abs(bill.storage - 1) < 1e-9)
        #expect(abs(bill.backups - 0.2) < 1e-9)
    }

    @Test func `reads of streams are counted in calls`() {
        let bill = Self.prices.bill([Self.hour { $0.count.streamReads = 3 }])
        #expect(bill.streams == 3)
    }

    @Test func `functions are paid by requests and by memory over time, and have no units`() {
        var hour = UsageHour(day: 20_000, hour: 3, tableName: "function:play")
        hour.requests = 3
        hour.megabyteMilliseconds = 512 * 4_000
        let bill = Self.prices.bill([hour])
        #expect(bill.functionRequests == 6)
        #expect(abs(bill.functionMemory - 20) < 1e-9)
        #expect(bill.provisioned == 0)
        #expect(bill.onDemand == bill.others)
    }

    @Test func `provisioned units are whole, and a peak uses the target's part of them`() {
        let quiet = Self.hour { _ in }
        let busy = Self.hour {
            $0.hour = 4
            $0.peakReadHalves = 9
            $0.peakWriteHalves = 20
        }
        let bill = Self.prices.bill([quiet, busy])
        // One unit of each in the quiet hour; in the busy one 4.5 of 9 reads and 10 of 20 writes a second.
        #expect(abs(bill.scaled - (0.1 + 1 + 0.9 + 20)) < 1e-9)
        #expect(abs(bill.provisioned - 2 * (0.9 + 20)) < 1e-9)
    }

    @Test func `a report has each table, each day, and all`() {
        var other = Self.hour { $0.count.readHalves = 2_000_000 }
        other.day = 20_001
        other.indexName = "ByGenre"
        let report = UsageReport(
            [Self.hour { $0.count.readHalves = 4_000_000 }, other],
            Self.prices
        )
        #expect(report.resources.map(\.name) == ["Music", "Music/ByGenre"])
        #expect(report.days.map(\.day) == [20_000, 20_001])
        #expect(report.total.reads == 3)
    }
}
