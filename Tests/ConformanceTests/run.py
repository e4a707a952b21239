"""All conformance tests: the built server against boto3, the AWS command line, PynamoDB, Terraform and plain sockets.

    run.py --shale PATH              everything, the long loads in slices
    run.py --full                    the long loads in full
    run.py --only items,bad-input    some suites

The last line is `N passed, N failed`; the exit code is 0 only when nothing failed.
"""

import argparse
import random
import signal
import sys
import time

import backup_tests
import bad_input_tests
import benchmark_tests
import cache_tests
import capacity_tests
import client_tests
import clock_tests
import coding_tests
import command_tests
import containment_tests
import cost_tests
import debian_packages
import edge_tests
import execution_command_tests
import full_disk
import function_tests
import harness
import identity_tests
import isolation_tests
import item_tests
import key_tests
import kill_executions
import kill_nine
import lambda_tests
import layer_tests
import legacy_tests
import limits_tests
import linearizability_tests
import log_tests
import mapping_tests
import model_tests
import partiql_tests
import past_tests
import pattern_tests
import policy_tests
import provisioned_tests
import protocol_tests
import pynamodb_tests
import query_tests
import read_tests
import recorded_tests
import scaling_tests
import schedule_tests
import scrub_tests
import serializability_tests
import states_map_tests  # adds tests to the suite of states_tests
import states_model_tests
import states_more_tests  # adds tests to the suite of states_tests
import states_task_tests  # adds tests to the suite of states_tests
import states_tests
import stream_api_tests
import stream_pattern_tests
import stream_record_tests  # adds tests to the suite of stream_api_tests
import streaming_tests
import table_tests
import task_function_tests
import terraform_function_tests
import terraform_schedule_tests
import terraform_states_tests
import terraform_tests
import window_tests


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--shale", default=None, help="the executable; default is the release build")
    parser.add_argument("--full", action="store_true", help="the whole Debian index, twenty kills, a full disk")
    parser.add_argument("--only", default=None, help="suites by name, with commas between")
    parser.add_argument("--seed", type=int, default=None, help="of the kills; default: drawn and printed")
    arguments = parser.parse_args()
    seed = arguments.seed if arguments.seed is not None else random.randrange(1 << 32)
    suites = {
        "tables": table_tests.suite,
        "items": item_tests.suite,
        "queries": query_tests.suite,
        "reads": read_tests.suite,
        "keys": key_tests.suite,
        "partiql": partiql_tests.suite,
        "protocol": protocol_tests.suite,
        "bad-input": bad_input_tests.suite,
        "codings": coding_tests.suite,
        "legacy": legacy_tests.suite,
        "recorded": recorded_tests.suite,
        "stream-api": stream_api_tests.StreamSuite(),
        "edges": edge_tests.suite,
        "model": model_tests.suite,
        "commands": command_tests.suite,
        "benchmarks": benchmark_tests.suite,
        "limits": limits_tests.suite,
        "scrubber": scrub_tests.suite,
        "clients": client_tests.suite,
        "policies": policy_tests.suite,
        "capacity": capacity_tests.suite_for(*((60, True) if arguments.full else (12, False))),
        "cost": cost_tests.suite,
        "scaling": scaling_tests.suite_for(arguments.full),
        "pynamodb": pynamodb_tests.suite,
        "terraform": terraform_tests.suite,
        "functions": function_tests.FunctionSuite(),
        "functions-api": function_tests.FunctionSuite(lambda_tests.suite),
        "contained": function_tests.FunctionSuite(containment_tests.suite),
        "layers": function_tests.FunctionSuite(layer_tests.suite),
        "provisioned": function_tests.FunctionSuite(provisioned_tests.suite),
        "windows": function_tests.FunctionSuite(window_tests.suite),
        "mappings": mapping_tests.MappingSuite(),
        "streaming": function_tests.FunctionSuite(streaming_tests.suite),
        "schedules": schedule_tests.ScheduleSuite(),
        "logs": log_tests.LogSuite(),
        "identity": identity_tests.IdentitySuite(),
        "states": states_tests.StatesSuite(),
        "task-functions": function_tests.FunctionSuite(task_function_tests.suite),
        "clock": clock_tests.ClockSuite(),
        "states-model": states_model_tests.ModelSuite(),
        "executions": execution_command_tests.ExecutionCommandSuite(),
        "patterns": pattern_tests.PatternSuite(),
        "stream-patterns": stream_pattern_tests.PatternSuite(20 if arguments.full else 4, seed),
        "terraform-functions": terraform_function_tests.suite,
        "terraform-patterns": stream_pattern_tests.terraform,
        "terraform-states": terraform_states_tests.suite,
        "terraform-schedules": terraform_schedule_tests.suite,
        "backups": backup_tests.suite_for(1_000_000 if arguments.full else 1_000),
        "past": past_tests.suite_for(*((20, 5, 30) if arguments.full else (3, 2, 4)), seed),
        "isolation": isolation_tests.suite_for(20 if arguments.full else 4, seed),
        "order": linearizability_tests.suite_for(*((2_000, 10) if arguments.full else (60, 2)), seed),
        "transactions-order": serializability_tests.suite_for(*((300, 10) if arguments.full else (60, 2)), seed),
        "caches": cache_tests.suite_for(*((2_000, 10) if arguments.full else (60, 1)), seed),
        "debian": debian_packages.suite_for(None if arguments.full else 3_000),
        "kill": kill_nine.suite_for(20 if arguments.full else 3, seed, None if arguments.full else 3_000),
        "kill-executions": kill_executions.suite_for(*((100, 10_000) if arguments.full else (3, 120)), seed),
    }
    if arguments.full or "full-disk" in (arguments.only or ""):
        suites["full-disk"] = full_disk.suite
    chosen = arguments.only.split(",") if arguments.only else list(suites)
    if unknown := set(chosen) - set(suites):
        sys.exit(f"no suite {', '.join(sorted(unknown))}; there are {', '.join(suites)}")

    # Asked to end, leave through the `finally`s that stop the servers.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    began, report = time.monotonic(), harness.Report()
    shale = arguments.shale or harness.default_shale()
    with harness.scratch() as directory, harness.running(shale, directory / "data") as server:
        context = harness.Context(shale, server)
        context.scratch = directory
        for name in chosen:
            suites[name].run(report, context)
            context.clear()
        report.run("the server of these tests stops gracefully", lambda check: check.equal(server.stop(), 0, "exit code"))
    print(f"\n{time.monotonic() - began:.0f} s", flush=True)
    return report.finish()


if __name__ == "__main__":
    raise SystemExit(main())
