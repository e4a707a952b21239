internal import ShaleFunctions

/// The environment variables of a function's process, and no others.
enum EnvironmentVariables {
    /// Where the process finds what is its own.
    struct Places {
        /// Address and port of its Runtime API.
        var runtimeAPI: String
        var code: String
        /// The private directory.
        var home: String
        /// What it sees that directory as, where it is `/tmp`.
        var temporary: String
        var stream: String
        /// The files of its layers; nil is none.
        var layers: String?
    }

    /// `NAME=value`, in the order of names.
    ///
    /// What is told to every function comes before the function's own; what names the function itself comes after.
    static func make(
        _ function: FunctionConfiguration,
        _ places: Places,
        _ configuration: ProcessConfiguration
    ) -> [String] {
        var variables = [
            "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "en_US.UTF-8", "TZ": ":UTC",
        ]
        variables.merge(configuration.variables()) { _, later in later }
        for (name, value) in function.variables { variables[name] = value }
        let own = [
            "AWS_LAMBDA_RUNTIME_API": places.runtimeAPI,
            "_HANDLER": function.handler,
            "LAMBDA_TASK_ROOT": places.code,
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_VERSION": function.version,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "\(function.memoryMegabytes)",
            "AWS_LAMBDA_LOG_GROUP_NAME": function.logGroup,
            "AWS_LAMBDA_LOG_STREAM_NAME": places.stream,
            "AWS_LAMBDA_INITIALIZATION_TYPE":
                function.startsAhead ? "provisioned-concurrency" : "on-demand",
            "AWS_REGION": configuration.region,
            "AWS_DEFAULT_REGION": configuration.region,
            "AWS_EXECUTION_ENV": "AWS_Lambda_\(function.runtime)",
            "HOME": places.home,
            "TMPDIR": places.temporary,
        ]
        variables.merge(own) { _, later in later }
        if let layers = places.layers { add(layers, function.runtime, to: &variables) }
        // A name that is none, or a text that would end early, would say something else than was meant.
        return
            variables
            .filter { name, value in
                !name.isEmpty && !name.utf8.contains(0x3D) && !name.utf8.contains(0)
                    && !value.utf8.contains(0)
            }
            .sorted { $0.key < $1.key }
            .map { "\($0)=\($1)" }
    }

    /// Has programs, libraries and modules be found in layers, behind those of the function's own settings.
    ///
    /// By the directory itself: it is there whether or not the kernel shows it as `/opt`.
    private static func add(
        _ layers: String,
        _ runtime: String,
        to variables: inout [String: String]
    ) {
        var paths = ["PATH": ["\(layers)/bin"], "LD_LIBRARY_PATH": ["\(layers)/lib"]]
        if runtime.hasPrefix("python") {
            let modules = "\(layers)/python"
            paths["PYTHONPATH"] = ["\(modules)/lib/\(runtime)/site-packages", modules]
        }
        for (name, added) in paths {
            let given = variables[name].map { [$0] } ?? []
            variables[name] = (given + added).joined(separator: ":")
        }
    }
}
