@testable import ShaleServices
import ShaleTriggers
import Testing

/// Which operation a request asks for, and what its errors look like.
@Suite struct SchedulerRegistryTests {
    @Test(arguments: [
        ("POST", "/schedules/s", "CreateSchedule"), ("PUT", "/schedules/s", "UpdateSchedule"),
        ("GET", "/schedules/s", "GetSchedule"), ("DELETE", "/schedules/s", "DeleteSchedule"),
        ("GET", "/schedules", "ListSchedules"), ("GET", "/schedules/", "ListSchedules"),
        ("POST", "/schedule-groups/g", "CreateScheduleGroup"),
        ("GET", "/schedule-groups/g", "GetScheduleGroup"),
        ("DELETE", "/schedule-groups/g", "DeleteScheduleGroup"),
        ("GET", "/schedule-groups", "ListScheduleGroups"),
        ("GET", "/tags/arn%3Aaws%3Ascheduler%3Ar%3A1%3Aschedule-group%2Fg", "ListTagsForResource"),
        ("POST", "/tags/arn", "TagResource"), ("DELETE", "/tags/arn", "UntagResource"),
    ])
    func `each operation has its method and path`(
        method: String,
        path: String,
        name: String
    ) throws {
        #expect(SchedulerRegistry.isMeant(path: path))
        #expect(try SchedulerRegistry.find(method, path).name == name)
    }

    @Test(arguments: ["/", "/2017-03-31/tags/arn", "/shale/health", "/schedulesx"])
    func `other paths are not of this service`(path: String) {
        #expect(!SchedulerRegistry.isMeant(path: path))
    }

    @Test func `what is no operation is not found`() {
        #expect(throws: RestError.self) { try SchedulerRegistry.find("POST", "/schedules") }
    }

    /// Members of errors by the service's model: `Message`, and the name in a header.
    @Test func `an error has its message with a capital`() {
        let reply = RestError("ConflictException", 409, "twice").schedulerReply
        #expect(reply.status == 409)
        #expect(String(decoding: reply.body, as: UTF8.self) == #"{"Message":"twice"}"#)
        #expect(
            reply.headers.map { "\($0.name): \($0.value)" } == [
                "x-amzn-ErrorType: ConflictException"
            ]
        )
    }

    @Test func `a token stands for the whole request`() {
        let call = RestCall(parameters: ["Name": "s"], body: Array("{}".utf8))
        let same = call.token("t", "CreateSchedule")?.digest
        #expect(call.token("t", "CreateSchedule")?.digest == same)
        #expect(call.token("t", "UpdateSchedule")?.digest != same)
        var other = call
        other.parameters["Name"] = "other"
        #expect(other.token("t", "CreateSchedule")?.digest != same)
        other = call
        other.body = Array("{ }".utf8)
        #expect(other.token("t", "CreateSchedule")?.digest != same)
        #expect(call.token(nil, "CreateSchedule") == nil)
    }
}
