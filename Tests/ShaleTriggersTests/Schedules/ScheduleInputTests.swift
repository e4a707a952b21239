import ShaleItems
import ShaleWire
import Testing

@testable import ShaleTriggers

@Suite struct ScheduleInputTests {
    private static func bytes(_ input: String?) -> [UInt8] {
        var target: Item = ["Arn": "arn:aws:lambda:us-east-1:000000000000:function:f"]
        if let input { target["Input"] = .string(input) }
        let schedule = Schedule([
            "Arn": "arn:aws:scheduler:us-east-1:000000000000:schedule/default/s",
            "Target": .map(target),
        ])
        return ScheduleInput(
            schedule: schedule,
            scheduled: 1_767_225_661_500,
            attempt: 0,
            identity: "i"
        ).bytes
    }

    /// The attributes that the service's guide names, "Adding context attributes".
    @Test func `an input has values for its context attributes`() {
        let input =
            "<aws.scheduler.schedule-arn> <aws.scheduler.scheduled-time> <aws.scheduler.execution-id> "
            + "<aws.scheduler.attempt-number> <aws.scheduler.other>"
        #expect(
            String(decoding: Self.bytes(input), as: UTF8.self)
                == "arn:aws:scheduler:us-east-1:000000000000:schedule/default/s 2026-01-01T00:01:01Z i 1 "
                + "<aws.scheduler.other>"
        )
    }

    @Test func `without an input the event is the service's`() throws {
        let event = try JSONReader.document(Self.bytes(nil)).mapValue
        #expect(
            event == [
                "version": "0", "id": "i", "detail-type": "Scheduled Event",
                "source": "aws.scheduler", "account": "000000000000",
                "time": "2026-01-01T00:01:01Z", "region": "us-east-1",
                "resources": ["arn:aws:scheduler:us-east-1:000000000000:schedule/default/s"],
                "detail": "{}",
            ]
        )
    }
}
