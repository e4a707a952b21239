import Testing

@testable import ShaleServices

/// Methods and paths to operations.
@Suite struct RouteTests {
    @Test(arguments: [
        ("POST", "/2015-03-31/functions", "CreateFunction"),
        ("GET", "/2015-03-31/functions/", "ListFunctions"),
        ("GET", "/2015-03-31/functions/f", "GetFunction"),
        (
            "GET",
            "/2015-03-31/functions/arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Af",
            "GetFunction"
        ),
        ("PUT", "/2015-03-31/functions/f/code", "UpdateFunctionCode"),
        ("DELETE", "/2015-03-31/functions/f/aliases/live", "DeleteAlias"),
        ("POST", "/2015-03-31/functions/f/invocations", "Invoke"),
    ])
    func `a method and a path are an operation`(
        _ method: String,
        _ path: String,
        _ name: String
    ) throws {
        #expect(try LambdaRegistry.find(method, path).name == name)
    }

    @Test(arguments: [
        ("/2018-10-31/layers", "", "ListLayers"),
        ("/2018-10-31/layers", "MaxItems=2&find=Layer", "ListLayers"),
        ("/2018-10-31/layers", "find=LayerVersion&Arn=a", "GetLayerVersionByArn"),
        (
            "/2019-09-30/functions/f/provisioned-concurrency", "Qualifier=1",
            "GetProvisionedConcurrencyConfig"
        ),
        (
            "/2019-09-30/functions/f/provisioned-concurrency", "List=ALL",
            "ListProvisionedConcurrencyConfigs"
        ),
    ])
    func `a query tells operations of one path apart`(
        _ path: String,
        _ query: String,
        _ name: String
    ) throws {
        #expect(try LambdaRegistry.find("GET", path, query: query).name == name)
    }

    @Test(arguments: [
        ("POST", "/2015-03-31/functions/f", 404), ("GET", "/2015-03-31/nothing", 404),
        ("GET", "/2015-03-31/functions/%zz", 404),
        ("POST", "/2021-10-31/functions/f/url", 400),
        ("POST", "/2014-11-13/functions/f/invoke-async", 400),
    ])
    func `what is no operation, or none that is here, is refused`(
        _ method: String,
        _ path: String,
        _ status: Int
    ) {
        #expect { try LambdaRegistry.find(method, path) } throws: { error in
            (error as? RestError)?.status == status
        }
    }

    @Test(
        arguments: [
            ("f", "f", nil), ("f:live", "f", "live"), ("f:$LATEST", "f", "$LATEST"),
            ("000000000000:function:f", "f", nil), ("function:f", "f", nil),
            ("arn:aws:lambda:us-east-1:000000000000:function:f:7", "f", "7"),
        ] as [(String, String, String?)]
    )
    func `a function is named in many ways`(_ text: String, _ name: String, _ qualifier: String?) {
        let reference = FunctionReference(text)
        #expect(reference?.name == name)
        #expect(reference?.qualifier == qualifier)
    }

    @Test(arguments: [
        "", "a b", "f:", "f:1:2", "arn:aws:sqs:us-east-1:000000000000:f", "1:function:f", ":f",
    ])
    func `what names no function is refused`(_ text: String) {
        #expect(FunctionReference(text) == nil)
    }
}
