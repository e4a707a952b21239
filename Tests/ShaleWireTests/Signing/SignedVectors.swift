import Testing

@testable import ShaleWire

/// Requests signed by botocore 1.43.11 (`SigV4Auth`) at a fixed time.
struct SignedVector: Sendable, CustomTestStringConvertible {
    var testDescription: String
    var request: SignableRequest
    var credential: Credential
    var date: String

    static let all = [
        SignedVector(
            testDescription: "the empty operation",
            request: SignableRequest(
                method: "POST",
                path: "/",
                query: "",
                headers: [
                    .init("Host", "127.0.0.1:8000"),
                    .init("X-Amz-Target", "DynamoDB_20120810.ListTables"),
                    .init("Content-Type", "application/x-amz-json-1.0"),
                    .init("X-Amz-Date", "20300102T030405Z"),
                    .init(
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20300102/us-east-1/dynamodb/aws4_request, "
                            + "SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
                            + "Signature=1b64fed61419608e3fb0ee320fc6c87ecbd1123c5f2613f3e6104604e30dbfdd"
                    ),
                ],
                body: Array("{}".utf8)
            ),
            credential: Credential(
                accessKeyID: "AKIDEXAMPLE",
                secret: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
            ),
            date: "20300102T030405Z"
        ),
        SignedVector(
            testDescription: "a body with text beyond ASCII",
            request: SignableRequest(
                method: "POST",
                path: "/",
                query: "",
                headers: [
                    .init("Host", "dynamodb.eu-west-1.amazonaws.com"),
                    .init("X-Amz-Target", "DynamoDB_20120810.DescribeTable"),
                    .init("Content-Type", "application/x-amz-json-1.0"),
                    .init("X-Amz-Date", "20240229T235959Z"),
                    .init(
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential=local/20240229/eu-west-1/dynamodb/aws4_request, "
                            + "SignedHeaders=content-type;host;x-amz-date;x-amz-target, "
                            + "Signature=2ece9be6a703f98b84253d431c2d460cddb4cc920914780c81b68c352b2edc08"
                    ),
                ],
                body: Array("{\"TableName\":\"Grüße\"}".utf8)
            ),
            credential: Credential(accessKeyID: "local", secret: "secret"),
            date: "20240229T235959Z"
        ),
        SignedVector(
            testDescription: "white space in a header",
            request: SignableRequest(
                method: "POST",
                path: "/",
                query: "",
                headers: [
                    .init("Host", "localhost:8000"),
                    .init("X-Amz-Target", "DynamoDB_20120810.ListTables"),
                    .init("X-Amz-Meta", "  a   b  "),
                    .init("X-Amz-Date", "20300102T030405Z"),
                    .init(
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential=a/b/20300102/us-east-1/dynamodb/aws4_request, "
                            + "SignedHeaders=host;x-amz-date;x-amz-meta;x-amz-target, "
                            + "Signature=4ab0377513ddf5245121dc869483adda342f565657f7952a5730f63f0345c6ce"
                    ),
                ],
                body: Array("{}".utf8)
            ),
            credential: Credential(accessKeyID: "a/b", secret: "s"),
            date: "20300102T030405Z"
        ),
        SignedVector(
            testDescription: "a path and a query",
            request: SignableRequest(
                method: "GET",
                path: "/a%20b/../c/x",
                query: "b=2&a=1&a=0",
                headers: [
                    .init("Host", "localhost:8000"),
                    .init("X-Amz-Date", "19991231T000000Z"),
                    .init(
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential=id/19991231/ap-south-1/dynamodb/aws4_request, "
                            + "SignedHeaders=host;x-amz-date, "
                            + "Signature=71ecce4e8518823d59f5593cb93a02a587581b66658674f724953d506eb9e94d"
                    ),
                ],
                body: Array("".utf8)
            ),
            credential: Credential(accessKeyID: "id", secret: "secret"),
            date: "19991231T000000Z"
        ),
        SignedVector(
            testDescription: "a session token",
            request: SignableRequest(
                method: "POST",
                path: "/",
                query: "",
                headers: [
                    .init("Host", "localhost:8000"),
                    .init("X-Amz-Target", "DynamoDB_20120810.ListTables"),
                    .init("X-Amz-Date", "20300102T030405Z"),
                    .init("X-Amz-Security-Token", "token/with+signs=="),
                    .init(
                        "Authorization",
                        "AWS4-HMAC-SHA256 Credential=id/20300102/us-west-2/dynamodb/aws4_request, "
                            + "SignedHeaders=host;x-amz-date;x-amz-security-token;x-amz-target, "
                            + "Signature=e1c92747c9f0e4c01bfd5104cbe582bd43b627088e5502b07172534b6d752809"
                    ),
                ],
                body: Array("{\"Limit\":1}".utf8)
            ),
            credential: Credential(accessKeyID: "id", secret: "secret"),
            date: "20300102T030405Z"
        ),
        SignedVector(
            testDescription: "a presigned address with the token of a session",
            request: SignableRequest(
                method: "POST",
                path: "/",
                query:
                    "b=2&a=1&X-Amz-Algorithm=AWS4-HMAC-SHA256"
                    + "&X-Amz-Credential=local%2Fx%2F20300102%2Feu-west-1%2Fdynamodb%2Faws4_request"
                    + "&X-Amz-Date=20300102T030405Z&X-Amz-Expires=900"
                    + "&X-Amz-SignedHeaders=content-type%3Bhost%3Bx-amz-target"
                    + "&X-Amz-Security-Token=token%2B%2F%3D"
                    + "&X-Amz-Signature=935498d1670ac793c654e94f63693d583a99f718081a5948fb53f0f3e337d1ab",
                headers: [
                    .init("Host", "127.0.0.1:8000"),
                    .init("X-Amz-Target", "DynamoDB_20120810.ListTables"),
                    .init("Content-Type", "application/x-amz-json-1.0"),
                ],
                // botocore presigns without a body.
                body: []
            ),
            credential: Credential(accessKeyID: "local/x", secret: "secret"),
            date: "20300102T030405Z"
        ),
    ]
}
