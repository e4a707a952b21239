import ShaleJSON
import Testing

@testable import ShaleStates

@Suite struct ChoiceOperatorTests {
    static let input = #"""
        {"s":"b","n":2,"f":2.5,"t":true,"nil":null,"a":[6],"empty":"","other":"c","star":"log-*.txt",
        "time":"2016-08-18T17:33:00Z","same":"2016-08-18T19:33:00+02:00","later":"2016-08-18T17:33:00.000000001Z"}
        """#

    @Test(arguments: [
        (#""Variable":"$.s","StringEquals":"b""#, true),
        (#""Variable":"$.s","StringLessThan":"c""#, true),
        (#""Variable":"$.s","StringLessThan":"b""#, false),
        (#""Variable":"$.s","StringGreaterThanEquals":"b""#, true),
        (#""Variable":"$.s","StringLessThanPath":"$.other""#, true),
        (#""Variable":"$.n","StringEquals":"2""#, false),
        (#""Variable":"$.n","NumericEquals":2.0"#, true),
        (#""Variable":"$.n","NumericLessThanPath":"$.f""#, true),
        (#""Variable":"$.f","NumericGreaterThanEquals":2.5"#, true),
        (#""Variable":"$.s","NumericEquals":0"#, false),
        (#""Variable":"$.n","NumericGreaterThanPath":"$.t""#, true),
        (#""Variable":"$.n","NumericGreaterThanPath":"$.a""#, true),
        (#""Variable":"$.t","BooleanEquals":true"#, true),
        (#""Variable":"$.t","BooleanEqualsPath":"$.t""#, true),
        (#""Variable":"$.n","BooleanEquals":true"#, false),
        (#""Variable":"$.time","TimestampEqualsPath":"$.same""#, true),
        (#""Variable":"$.time","TimestampLessThanPath":"$.later""#, true),
        (#""Variable":"$.time","TimestampGreaterThan":"2016-08-18T17:32:59.999Z""#, true),
        (#""Variable":"$.s","TimestampLessThan":"2016-08-18T17:32:59.999Z""#, false),
        (#""Variable":"$.star","StringMatches":"log-*.txt""#, true),
        (#""Variable":"$.star","StringMatches":"log-\\*.txt""#, true),
        (#""Variable":"$.s","StringMatches":"log-\\*.txt""#, false),
        (#""Variable":"$.star","StringMatches":"*-*.*""#, true),
        (#""Variable":"$.star","StringMatches":"l*x*""#, true),
        (#""Variable":"$.star","StringMatches":"l*z*""#, false),
        (#""Variable":"$.nil","IsNull":true"#, true),
        (#""Variable":"$.s","IsNull":false"#, true),
        (#""Variable":"$.nope","IsPresent":false"#, true),
        (#""Variable":"$.nil","IsPresent":true"#, true),
        (#""Variable":"$.a[3]","IsPresent":true"#, false),
        (#""Variable":"$.n","IsNumeric":true"#, true),
        (#""Variable":"$.s","IsString":true"#, true),
        (#""Variable":"$.t","IsBoolean":true"#, true),
        (#""Variable":"$.time","IsTimestamp":true"#, true),
        (#""Variable":"$.s","IsTimestamp":true"#, false),
        (
            #""And":[{"Variable":"$.n","IsNumeric":true},{"Variable":"$.n","NumericEquals":3}]"#,
            false
        ),
        (#""Or":[{"Variable":"$.n","IsString":true},{"Variable":"$.n","NumericEquals":2}]"#, true),
        (#""Not":{"Variable":"$.n","NumericEquals":2}"#, false),
        (
            #""And":[{"Variable":"$.nope","IsPresent":true},{"Variable":"$.nope","IsNull":true}]"#,
            false
        ),
    ])
    func `rules hold as the language has it`(rule: String, holds: Bool) throws {
        let driver = try Machines.run(
            #"""
            {"StartAt":"C","States":{"C":{"Type":"Choice","Choices":[{\#(rule),"Next":"Yes"}],"Default":"No"},
            "Yes":{"Type":"Pass","Result":true,"End":true},"No":{"Type":"Pass","Result":false,"End":true}}}
            """#,
            input: Self.input
        )
        #expect(driver.outcome == "\(holds)")
    }

    @Test func `there are 39 operators`() {
        #expect(ChoiceOperator.all.count == 39)
    }

    @Test(arguments: [
        ("2016-03-14T01:59:00Z", 1_457_920_740_000 as Int64?),
        ("2016-03-14T01:59:00.123456Z", 1_457_920_740_123),
        ("2016-03-14T01:59:00-05:30", 1_457_940_540_000),
        ("1969-12-31T23:59:59.999Z", -1),
        ("2016-02-29T00:00:00Z", 1_456_704_000_000),
        ("2015-02-29T00:00:00Z", nil),
        ("2016-03-14T01:59:00", nil),
        ("2016-03-14 01:59:00Z", nil),
        ("2016-03-14", nil),
        ("2016-13-14T01:59:00Z", nil),
        ("2016-03-14T24:00:00Z", nil),
        ("2016-03-14T01:59:00.Z", nil),
        ("", nil),
    ])
    func `timestamps are those of RFC 3339 with an offset`(text: String, time: Int64?) {
        #expect(Timestamp.milliseconds(of: text) == time)
    }

    @Test(arguments: [
        0, -1, 951_782_400_000, 1_457_920_740_123, 4_102_444_799_999, -62_135_596_800_000,
    ])
    func `a time is read as it was written`(time: Int64) {
        #expect(Timestamp.milliseconds(of: Timestamp.text(of: time)) == time)
    }
}
