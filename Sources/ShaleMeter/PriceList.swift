/// What the service charges for, in its currency, for one region at one time.
package struct PriceList: Sendable, Equatable {
    /// Which prices these are: the region and the date.
    package var name: String
    /// What the amounts are in, as "USD".
    package var currency: String
    /// A million read request units of a table paid by request.
    package var millionReadRequestUnits: Double
    /// A million write request units of a table paid by request.
    package var millionWriteRequestUnits: Double
    /// A provisioned read unit for an hour.
    package var readUnitHour: Double
    /// A provisioned write unit for an hour.
    package var writeUnitHour: Double
    /// A GB of items and index entries for a month.
    package var gigabyteMonth: Double
    /// A GB of on-demand backups for a month.
    package var backupGigabyteMonth: Double
    /// A hundred thousand calls that read a stream.
    package var hundredThousandStreamReads: Double
    /// A million invocations of functions.
    package var millionFunctionRequests: Double
    /// A GB of a function's memory for a second.
    package var functionGigabyteSecond: Double
    /// Of provisioned units, how much of a hundred is to be used in the busiest time: what auto scaling aims at.
    package var targetUtilizationPercent: Double

    /// Amazon's public prices for us-east-1, as they stood on 1 November 2025, without free tiers.
    package static let example = PriceList(
        name: "Amazon DynamoDB and Lambda (x86), us-east-1, 2025-11-01",
        currency: "USD",
        millionReadRequestUnits: 0.125,
        millionWriteRequestUnits: 0.625,
        readUnitHour: 0.00013,
        writeUnitHour: 0.00065,
        gigabyteMonth: 0.25,
        backupGigabyteMonth: 0.10,
        hundredThousandStreamReads: 0.02,
        millionFunctionRequests: 0.20,
        functionGigabyteSecond: 0.0000166667,
        targetUtilizationPercent: 70
    )

    /// Puts prices together.
    package init(
        name: String,
        currency: String,
        millionReadRequestUnits: Double,
        millionWriteRequestUnits: Double,
        readUnitHour: Double,
        writeUnitHour: Double,
        gigabyteMonth: Double,
        backupGigabyteMonth: Double,
        hundredThousandStreamReads: Double,
        millionFunctionRequests: Double,
        functionGigabyteSecond: Double,
        targetUtilizationPercent: Double
    ) {
        self.name = name
        self.currency = currency
        self.millionReadRequestUnits = millionReadRequestUnits
        self.millionWriteRequestUnits = millionWriteRequestUnits
        self.readUnitHour = readUnitHour
        self.writeUnitHour = writeUnitHour
        self.gigabyteMonth = gigabyteMonth
        self.backupGigabyteMonth = backupGigabyteMonth
        self.hundredThousandStreamReads = hundredThousandStreamReads
        self.millionFunctionRequests = millionFunctionRequests
        self.functionGigabyteSecond = functionGigabyteSecond
        self.targetUtilizationPercent = targetUtilizationPercent
    }
}
