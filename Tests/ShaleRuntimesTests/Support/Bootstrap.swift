/// Custom runtimes of a few lines of Python.
enum Bootstrap {
    /// What all of them begin with: `call`, `take` an invocation, `answer` it.
    private static let beginning = """
        #!/usr/bin/env -S python3 -u
        import http.client, os, sys, time
        connection = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
        def call(method, path, body=None, headers={}):
            connection.request(method, "/2018-06-01/runtime/" + path, body, headers)
            reply = connection.getresponse()
            return reply.status, reply.headers, reply.read()
        def take():
            status, headers, body = call("GET", "invocation/next")
            return headers["Lambda-Runtime-Aws-Request-Id"], headers, body
        def answer(identity, body):
            return call("POST", f"invocation/{identity}/response", body)

        """

    /// An archive with a bootstrap that does this.
    static func archive(_ text: String) -> [UInt8] {
        Zip.archive([("bootstrap", beginning + text)])
    }

    /// Answers what it was called with.
    static let echo = """
        while True:
            identity, headers, body = take()
            print("called")
            answer(identity, body)
        """
}
