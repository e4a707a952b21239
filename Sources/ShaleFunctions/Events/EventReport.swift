internal import ShalePlatform
internal import ShaleWire

/// What a destination is told of an event, in the service's form.
struct EventReport {
    let event: WaitingEvent
    let resourceName: String
    /// `Success`, or why it was given up.
    let condition: String
    let attempts: Int
    let answer: Functions.Answer?
    let milliseconds: Int64

    /// The key of the object in a bucket.
    ///
    ///     aws/lambda/async/FUNCTION/YYYY/MM/DD/YYYY-MM-DDTHH.MM.SS-UUID
    var key: String {
        let text = CivilDate(seconds: milliseconds / 1_000).isoText(milliseconds: 0)
        let day = text.prefix(10).replacing("-", with: "/")
        let moment = text.prefix(19).replacing(":", with: ".")
        return "aws/lambda/async/\(event.name.function)/\(day)/\(moment)-\(event.name.identity)"
    }

    /// The JSON.
    var bytes: [UInt8] {
        let date = CivilDate(seconds: milliseconds / 1_000)
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("version", "1.0")
        writer.member("timestamp", date.isoText(milliseconds: milliseconds % 1_000))
        writer.name("requestContext")
        writer.beginObject()
        writer.member("requestId", event.name.identity)
        writer.member("functionArn", resourceName)
        writer.member("condition", condition)
        writer.member("approximateInvokeCount", attempts)
        writer.endObject()
        writer.name("requestPayload")
        writer.value(event.payload)
        if let answer {
            writer.name("responseContext")
            writer.beginObject()
            writer.member("statusCode", 200)
            writer.member("executedVersion", answer.version)
            if let error = answer.outcome.functionError { writer.member("functionError", error) }
            writer.endObject()
            // A function may answer what is no JSON.
            if (try? JSONReader.document(answer.outcome.payload)) != nil {
                writer.name("responsePayload")
                writer.value(answer.outcome.payload)
            } else if !answer.outcome.payload.isEmpty {
                writer.member(
                    "responsePayload",
                    String(decoding: answer.outcome.payload, as: UTF8.self)
                )
            }
        }
        writer.endObject()
        return writer.bytes
    }
}
