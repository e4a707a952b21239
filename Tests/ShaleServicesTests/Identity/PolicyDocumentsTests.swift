import Testing

@testable import ShaleServices

/// Documents that are policies, and those that are none.
@Suite struct PolicyDocumentsTests {
    private static func message(_ kind: PolicyDocuments.Kind, _ text: String) -> String? {
        do throws(RestError) {
            try PolicyDocuments(kind: kind).check(text)
            return nil
        } catch {
            return error.name == "MalformedPolicyDocument" ? error.message : error.name
        }
    }

    private static func document(_ statement: String) -> String {
        #"{"Version": "2012-10-17", "Statement": ["# + statement + "]}"
    }

    @Test(arguments: [
        #"{"Effect": "Allow", "Action": "*", "Resource": "*"}"#,
        #"{"Sid": "a", "Effect": "Deny", "NotAction": ["s3:Get*"], "NotResource": ["arn:aws:s3:::b"]}"#,
    ])
    func `permissions have actions and resources`(_ statement: String) {
        #expect(Self.message(.permissions, Self.document(statement)) == nil)
        #expect(Self.message(.permissions, "{\"Statement\": \(statement)}") == nil)
    }

    @Test(arguments: [
        (#"{"Effect": "Allow", "Action": "a:b"}"#, "resources"),
        (#"{"Effect": "Allow", "Resource": "*"}"#, "actions"),
        (#"{"Effect": "Allow", "Action": "a", "Resource": "*"}"#, "vendor"),
        (#"{"Effect": "Allow", "Action": "a:b", "Resource": "bucket"}"#, "bucket"),
        (#"{"Effect": "Maybe", "Action": "a:b", "Resource": "*"}"#, "Syntax"),
        (#"{"Effect": "Allow", "Action": "a:b", "Resource": "*", "Why": 1}"#, "Syntax"),
        (#"{"Effect": "Allow", "Action": "a:b", "Resource": "*", "Principal": "*"}"#, "principal"),
        (#""Allow""#, "Syntax"), ("", "Syntax"),
    ])
    func `permissions of another form are refused`(_ statement: String, _ part: String) {
        let message = Self.message(.permissions, Self.document(statement))
        #expect(message?.contains(part) == true)
    }

    @Test(
        arguments: [
            (
                #"{"Effect": "Allow", "Principal": {"Service": "x"}, "Action": "sts:AssumeRole"}"#,
                nil
            ),
            (#"{"Effect": "Allow", "Action": "sts:AssumeRole"}"#, "Principal"),
            (#"{"Effect": "Allow", "Principal": "*"}"#, "Action"),
            (
                #"{"Effect": "Allow", "Principal": "*", "Action": "a:b", "Resource": "*"}"#,
                "Resource"
            ),
        ] as [(String, String?)]
    )
    func `trust has a principal, and no resource`(_ statement: String, _ part: String?) {
        let message = Self.message(.trust, Self.document(statement))
        #expect(message?.contains(part ?? "") == part.map { _ in true })
    }

    @Test(arguments: ["", "{", "[]", "{}", #"{"Version": "2012", "Statement": []}"#, "{} {}"])
    func `what is no document is refused`(_ text: String) {
        #expect(Self.message(.permissions, text) == "Syntax errors in policy.")
        #expect(Self.message(.trust, text) != nil)
    }
}
