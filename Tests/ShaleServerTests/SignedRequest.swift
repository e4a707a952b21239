import ShalePlatform

@testable import ShaleWire

/// A request to the API, signed now.
func signedRequest(
    _ operation: String,
    _ body: String,
    _ credential: Credential,
    host: String
) throws -> String {
    let date = SigningDate(seconds: PosixTimeSource().wallMilliseconds / 1_000)
    let unsigned =
        "AWS4-HMAC-SHA256 Credential=\(credential.accessKeyID)/\(date.day)/us-east-1/dynamodb/"
        + "aws4_request, SignedHeaders=host;x-amz-date;x-amz-target, Signature="
    let request = SignableRequest(
        method: "POST",
        path: "/",
        query: "",
        headers: [
            .init("Host", host), .init("X-Amz-Date", date.text),
            .init("X-Amz-Target", "DynamoDB_20120810.\(operation)"),
        ],
        body: Array(body.utf8)
    )
    let signature = SignatureVerifier.signature(
        of: request,
        try Authorization(unsigned + "0"),
        date,
        secret: credential.secret
    )
    let headers = "X-Amz-Date: \(date.text)\r\nAuthorization: \(unsigned)\(signature)\r\n"
    return apiRequest(operation, body, headers: headers)
}
