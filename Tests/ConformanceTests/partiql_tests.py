"""PartiQL: statements, their parameters, pages and errors, in batches and in transactions.

Errors and answers are those that public test suites have recorded on the service.
"""

from harness import Suite
from values import item, n, s, value

suite = Suite("PartiQL")

FRAME = "Statement wasn't well formed, can't be processed: "


def table(context):
    """The table that this file's tests share: songs by artist and title, with indexes."""
    if not hasattr(context, "partiql_table"):
        context.partiql_table = context.create_table(
            ("artist", "S"), ("title", "S"), attributes={"genre": "S", "year": "N"},
            GlobalSecondaryIndexes=[{
                "IndexName": "by-genre", "KeySchema": [{"AttributeName": "genre", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["plays"]}}],
            LocalSecondaryIndexes=[{
                "IndexName": "by-year",
                "KeySchema": [{"AttributeName": "artist", "KeyType": "HASH"}, {"AttributeName": "year", "KeyType": "RANGE"}],
                "Projection": {"ProjectionType": "KEYS_ONLY"}}],
        )
    return context.partiql_table


def run(context, statement, *parameters, **more):
    """Runs a statement on the table, which is `{}` in it where it has a `{}`."""
    if parameters:
        more["Parameters"] = [value(parameter) for parameter in parameters]
    return context.client.execute_statement(Statement=statement.replace("{}", f'"{table(context)}"'), **more)


def put(context, artist, title, **more):
    song = item(artist=artist, title=title, **more)
    context.client.put_item(TableName=table(context), Item=song)
    return song


def get(context, artist, title):
    return context.client.get_item(TableName=table(context), Key=item(artist=artist, title=title)).get("Item")


def refused(check, context, message, statement, *parameters, code="ValidationException", **more):
    response = check.refused(code, run, context, statement, *parameters, **more)
    check.equal(response["Error"]["Message"], message, statement)
    return response


@suite.test("insert, select, update and delete one item")
def _(check, context):
    check.equal(run(context, "INSERT INTO {} VALUE {'artist': ?, 'title': 'it''s', 'plays': 1}", "Crud")["Items"], [])
    where = "WHERE artist = 'Crud' AND title = 'it''s'"
    check.equal(run(context, f"SELECT * FROM {{}} {where}")["Items"], [item(artist="Crud", title="it's", plays=1)])
    check.equal(run(context, f"UPDATE {{}} SET plays = plays + 1 SET tags = set_add(tags, <<'a'>>) {where}")["Items"], [])
    check.equal(get(context, "Crud", "it's"), item(artist="Crud", title="it's", plays=2, tags={"SS": ["a"]}))
    check.equal(run(context, f"FROM {{}} {where} REMOVE tags RETURNING ALL NEW *")["Items"],
                [item(artist="Crud", title="it's", plays=2)])
    check.equal(run(context, f"DELETE FROM {{}} {where} RETURNING ALL OLD *")["Items"], [item(artist="Crud", title="it's", plays=2)])
    check.equal(run(context, f"DELETE FROM {{}} {where} RETURNING ALL OLD *")["Items"], [])
    check.equal(run(context, f"SELECT * FROM {{}} {where}")["Items"], [])


@suite.test("an insert of an item that is there is a duplicate")
def _(check, context):
    song = put(context, "Duplicate", "a", plays=1)
    refused(check, context, "Duplicate primary key exists in table",
            "INSERT INTO {} VALUE {'artist': 'Duplicate', 'title': 'a'}", code="DuplicateItemException")
    check.equal(get(context, "Duplicate", "a"), song)


@suite.test("literals of every type are stored as they are written")
def _(check, context):
    run(context, "INSERT INTO {} VALUE {'artist': 'Literals', 'title': '1', 'n': -1.5e3, 'b': true, 'z': null, "
                 "'l': [1, 'a', []], 'm': {'x': {'y': 2}}, 'ns': <<1, 2.5>>, 'ss': <<'b'>>}")
    check.equal(get(context, "Literals", "1"), item(
        artist="Literals", title="1", n=-1500, b=True, z=None, l=[1, "a", []], m={"x": {"M": {"y": n(2)}}},
        ns={"NS": ["1", "2.5"]}, ss={"SS": ["b"]}))


@suite.test("nested paths are answered under their last names")
def _(check, context):
    put(context, "Paths", "a", m={"M": {"k": {"L": [n(1), n(2)]}, "z": s("deep")}}, l=["x", "y"], count=3)
    got = run(context, "SELECT m.k[1], l[0], m.z, \"count\" FROM {} WHERE artist = 'Paths' AND title = 'a'")
    check.equal(got["Items"], [item(**{"k[1]": 2, "l[0]": "x", "z": "deep", "count": 3})])


@suite.table("a select finds", [
    ("one partition in order", "artist = 'S1'", "abcd"), ("one item", "artist = 'S1' AND title = 'b'", "b"),
    ("a range", "artist = 'S1' AND title > 'a' AND title <= 'c'", "bc"),
    ("a prefix", "artist = 'S1' AND begins_with(title, 'd')", "d"),
    ("between", "artist = 'S1' AND title BETWEEN 'b' AND 'c'", "bc"),
    ("some of a list", "artist = 'S1' AND title IN ['d', 'a', 'x']", "ad"),
    ("several partitions", "artist IN ['S2', 'S1'] AND title = 'a'", "aa"),
    ("either of two", "artist = 'S1' AND title = 'b' OR artist = 'S2'", "ba"),
    ("by a filter", "artist = 'S1' AND plays >= 2 AND NOT title = 'c'", "d"),
    ("by size, type and content", "artist = 'S1' AND size(tag) = 2 AND attribute_type(plays, 'N') AND contains(tag, 'x')", "b"),
    ("what is missing", "artist = 'S1' AND tag IS MISSING", "acd"),
    ("what is null", "artist = 'S1' AND nothing IS NULL", "a"), ("what is no null", "artist = 'S1' AND nothing IS NOT NULL", "bcd"),
    ("downwards", "artist = 'S1' ORDER BY title DESC", "dcba"),
    ("with a comment", "artist = 'S1' /* all */ AND title = 'a' -- the first", "a"),
    ("nothing", "artist = 'S3'", ""),
])
def _(check, context, where, titles):
    if not get(context, "S2", "a"):
        for index, title in enumerate("abcd"):
            more = {"nothing": None} if title == "a" else {"tag": "xy"} if title == "b" else {}
            put(context, "S1", title, plays=index, **more)
        put(context, "S2", "a", plays=9)
    got = run(context, f"SELECT title FROM {{}} WHERE {where}")["Items"]
    check.equal("".join(song["title"]["S"] for song in got), titles)


@suite.test("pages follow each other, and a token is good for its statement only")
def _(check, context):
    for title in "abcde":
        put(context, "Pages", title)
    statement = "SELECT title FROM {} WHERE artist = ?"
    seen, token, last, pages = "", None, None, 0
    while pages == 0 or token:
        page = run(context, statement, "Pages", Limit=2, **({"NextToken": token} if token else {}))
        seen, token, pages = seen + "".join(song["title"]["S"] for song in page["Items"]), page.get("NextToken"), pages + 1
        check.equal("LastEvaluatedKey" in page, token is not None)
        last = token or last
    check.equal((seen, pages), ("abcde", 3))
    check.equal(run(context, statement, "Pages", NextToken=last)["Items"], [item(title="e")])
    refused(check, context, "Invalid NextToken", statement, "Other", NextToken=last)
    refused(check, context, "Invalid NextToken", statement, "Pages", NextToken="nonsense")


@suite.test("indexes are read with their own keys and projections")
def _(check, context):
    put(context, "Index", "a", genre="partiql", year=1, plays=5, lyrics="la")
    name = table(context)
    both = f'FROM "{name}"."by-genre" WHERE genre = \'partiql\''
    check.equal(run(context, f"SELECT * {both}")["Items"], [item(artist="Index", title="a", genre="partiql", plays=5)])
    refused(check, context, "One or more parameter values were invalid: Global secondary index by-genre does not project [lyrics]",
            f"SELECT lyrics {both}")
    refused(check, context, "One or more parameter values were invalid: Secondary index by-genre does not project one or more "
                            "filter attributes: [lyrics]", f"SELECT title {both} AND lyrics = 'la'")
    refused(check, context, "Strongly consistent read is not supported on Global Secondary Indexes", f"SELECT * {both}",
            ConsistentRead=True)
    local = f'SELECT lyrics FROM "{name}"."by-year" WHERE artist = \'Index\' AND year = 1'
    got = run(context, local, ConsistentRead=True, ReturnConsumedCapacity="INDEXES")
    check.equal(got["Items"], [item(lyrics="la")])
    check.equal(got["ConsumedCapacity"], {
        "TableName": name, "CapacityUnits": 2.0, "Table": {"CapacityUnits": 1.0},
        "LocalSecondaryIndexes": {"by-year": {"CapacityUnits": 1.0}}})
    refused(check, context, "The table does not have the specified index", f'SELECT * FROM "{name}"."none"')


@suite.table("a statement is refused", [
    ("that is none", "SLECT * FROM {}", FRAME + "Expected data manipulation"),
    ("with something left over", "SELECT * FROM {} WHERE artist = 'a' foo", FRAME + "Unexpected token after expression"),
    ("without a condition", "SELECT * FROM {} WHERE", FRAME + "Unexpected term"),
    ("with half a condition", "SELECT * FROM {} WHERE artist = 'a' AND", FRAME + "Missing right-hand side expression of infix operator"),
    ("with a reserved word", "SELECT * FROM {} WHERE pad = 1", FRAME + "Unexpected keyword"),
    ("with an open text", "SELECT * FROM {} WHERE artist = 'a", FRAME),
    ("with an alias", "SELECT * FROM {} t", "Aliasing is not supported"),
    ("without parameters", "SELECT * FROM {} WHERE artist = ?", "Number of parameters in request and statement don't match."),
    ("with an unknown function", "SELECT * FROM {} WHERE EXISTS(a)", None),
    ("with an unordered operand", "SELECT * FROM {} WHERE artist = 'a' AND b < true",
     "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL"),
    ("with a number out of range", "SELECT * FROM {} WHERE year = 1e126",
     "Number overflow. Attempting to store a number with magnitude larger than supported range under root"),
    ("with an empty set", "INSERT INTO {} VALUE {'artist': 'a', 'title': 'b', 's': <<>>}", "Empty bags are not supported"),
    ("that orders without a condition", "SELECT * FROM {} ORDER BY title",
     "Must have WHERE clause in the statement when using ORDER BY clause."),
    ("that updates without the whole key", "UPDATE {} SET a = 1 WHERE artist = 'a'",
     "Where clause does not contain a mandatory equality on all key attributes"),
    ("that deletes without the whole key", "DELETE FROM {} WHERE a = 1",
     "Where clause does not contain a mandatory equality on all key attributes"),
    ("with a key of another type", "SELECT * FROM {} WHERE artist = 1",
     "Key attribute's data type should match its data type in table's schema"),
    ("that returns what a deletion cannot", "DELETE FROM {} WHERE artist = 'a' AND title = 'b' RETURNING MODIFIED OLD *",
     "Invalid returning clause: RETURNING MODIFIED OLD *. Only RETURNING ALL OLD * is allowed in DELETE statements."),
    ("that only a transaction may have", "EXISTS(SELECT * FROM {} WHERE artist = 'a' AND title = 'b' AND c = 1)",
     "EXISTS can only be used in ExecuteTransaction write requests."),
])
def _(check, context, statement, message):
    if message is None:
        message = f"Unrecognized function: exists at 1:{statement.replace('{}', chr(34) + table(context) + chr(34)).index('EXISTS') + 1}:6"
    refused(check, context, message, statement)


@suite.test("a table that is not there and a statement too long are refused")
def _(check, context):
    client = context.client
    response = check.refused("ResourceNotFoundException", client.execute_statement, Statement="SELECT * FROM Nowhere")
    check.equal(response["Error"]["Message"], "Requested resource not found")
    check.refused("ValidationException", run, context, "SELECT * FROM {} WHERE artist = '" + "x" * 8_192 + "'")


@suite.test("a condition that fails changes nothing and can return the item")
def _(check, context):
    song = put(context, "Failed", "a", plays=1)
    update = "UPDATE {} SET plays = 2 WHERE artist = 'Failed' AND title = 'a' AND plays = 5"
    refused(check, context, "The conditional request failed", update, code="ConditionalCheckFailedException")
    response = refused(check, context, "The conditional request failed", update, code="ConditionalCheckFailedException",
                       ReturnValuesOnConditionCheckFailure="ALL_OLD")
    check.equal(response["Item"], song)
    refused(check, context, "The conditional request failed", "UPDATE {} SET plays = 2 WHERE artist = 'Failed' AND title = 'none'",
            code="ConditionalCheckFailedException")
    check.equal((get(context, "Failed", "a"), get(context, "Failed", "none")), (song, None))


def batch(context, *statements, **more):
    name = table(context)
    members = [{"Statement": statement.replace("{}", f'"{name}"')} for statement in statements]
    return context.client.batch_execute_statement(Statements=members, **more)


@suite.test("a batch answers each statement in its place, with short codes")
def _(check, context):
    name, old = table(context), put(context, "Batch", "a", plays=1)
    key = "artist = 'Batch' AND title = 'a'"
    got = batch(context, f"SELECT plays FROM {{}} WHERE {key}", "SELECT * FROM {} WHERE artist = 'Batch'", "SLECT",
                "SELECT * FROM Nowhere WHERE a = 1", ReturnConsumedCapacity="TOTAL")
    answers = got["Responses"]
    check.equal(answers[0], {"Item": item(plays=1), "TableName": name})
    check.equal([answer["Error"]["Code"] for answer in answers[1:]], ["ValidationError", "ValidationError", "ResourceNotFound"])
    check.equal(answers[1]["Error"]["Message"],
                "Select statements within BatchExecuteStatement must specify the primary key in the where clause.")
    check.equal(got["ConsumedCapacity"], [{"TableName": name, "CapacityUnits": 0.5}])
    got = batch(context, "INSERT INTO {} VALUE {'artist': 'Batch', 'title': 'a'}",
                f"UPDATE {{}} SET plays = 0 WHERE {key} AND plays = 9",
                f"UPDATE {{}} SET plays = plays + 1 WHERE {key} RETURNING MODIFIED NEW *",
                f"DELETE FROM {{}} WHERE {key} RETURNING ALL OLD *")
    answers = got["Responses"]
    check.equal([answer.get("Error", {}).get("Code") for answer in answers], ["DuplicateItem", "ConditionalCheckFailed", None, None])
    check.equal([answer.get("Item") for answer in answers], [None, None, item(plays=2), old | item(plays=2)])
    check.true(all(answer["TableName"] == name for answer in answers), "each names its table")
    check.refused("ValidationException", batch, context, f"SELECT * FROM {{}} WHERE {key}", f"DELETE FROM {{}} WHERE {key}")
    check.refused("ValidationException", context.client.batch_execute_statement,
                  Statements=[{"Statement": f"SELECT * FROM {name} WHERE {key}"}] * 26)


def transact(context, *statements, **more):
    name = table(context)
    members = [{"Statement": statement.replace("{}", f'"{name}"')} for statement in statements]
    return context.client.execute_transaction(TransactStatements=members, **more)


@suite.test("a transaction writes all or nothing, and reads one moment")
def _(check, context):
    put(context, "Tx", "a", plays=1)
    a, b = "artist = 'Tx' AND title = 'a'", "artist = 'Tx' AND title = 'b'"
    got = transact(context, f"UPDATE {{}} SET plays = plays + 1 WHERE {a}", "INSERT INTO {} VALUE {'artist': 'Tx', 'title': 'b'}",
                   "EXISTS(SELECT * FROM {} WHERE artist = 'Tx' AND title = 'c' AND attribute_not_exists(plays))")
    check.equal(got["Responses"], [])
    got = transact(context, f"SELECT plays FROM {{}} WHERE {a}", f"SELECT * FROM {{}} WHERE {b}",
                   "SELECT * FROM {} WHERE artist = 'Tx' AND title = 'none'", ReturnConsumedCapacity="TOTAL")
    check.equal(got["Responses"], [{"Item": item(plays=2)}, {"Item": item(artist="Tx", title="b")}, {}])
    check.equal(got["ConsumedCapacity"][0]["ReadCapacityUnits"], 6.0)
    response = check.refused("TransactionCanceledException", transact, context, f"UPDATE {{}} SET plays = 9 WHERE {a}",
                             "INSERT INTO {} VALUE {'artist': 'Tx', 'title': 'b'}",
                             "EXISTS(SELECT * FROM {} WHERE artist = 'Tx' AND title = 'd' AND plays = 1)")
    check.equal([reason["Code"] for reason in response["CancellationReasons"]], ["None", "DuplicateItem", "ConditionalCheckFailed"])
    check.equal(get(context, "Tx", "a")["plays"], n(2))


@suite.test("a transaction's token makes it happen once")
def _(check, context):
    put(context, "Token", "a", plays=0)
    update = "UPDATE {} SET plays = plays + 1 WHERE artist = 'Token' AND title = 'a'"
    first = transact(context, update, ClientRequestToken="partiql-token", ReturnConsumedCapacity="TOTAL")
    again = transact(context, update, ClientRequestToken="partiql-token", ReturnConsumedCapacity="TOTAL")
    check.equal(get(context, "Token", "a")["plays"], n(1))
    check.equal((first["ConsumedCapacity"][0]["WriteCapacityUnits"], again["ConsumedCapacity"][0]["ReadCapacityUnits"]), (2.0, 2.0))
    check.refused("IdempotentParameterMismatchException", transact, context, update + " AND plays = 1", ClientRequestToken="partiql-token")


@suite.table("a transaction is refused", [
    ("that returns", ["UPDATE {} SET a = 1 WHERE artist = 'a' AND title = 'b' RETURNING ALL NEW *"],
     "Validation failed in TransactStatements[0]: RETURNING clause is not supported in ExecuteTransaction."),
    ("that is no sentence", ["DELETE FROM {} WHERE artist = 'a' AND title = 'b'", "SELECT * FROM {} WHERE"],
     "Validation failed in TransactStatements[1]: " + FRAME + "Unexpected term"),
    ("that reads more than one item", ["SELECT * FROM {} WHERE artist = 'a'"],
     "Validation failed in TransactStatements[0]: Select statements within ExecuteTransaction must specify the primary key in the where clause."),
    ("that reads an index", ["SELECT * FROM {}.\"by-genre\" WHERE genre = 'a'"],
     "Validation failed in TransactStatements[0]: Reads on indices are not supported within transactions."),
    ("whose condition is none", ["EXISTS(SELECT * FROM {} WHERE artist = 'a' AND title = 'b')"],
     "Validation failed in TransactStatements[0]: EXISTS() must contain a single item read with additional condition"),
    ("that reads and writes", ["SELECT * FROM {} WHERE artist = 'a' AND title = 'b'", "DELETE FROM {} WHERE artist = 'a' AND title = 'c'"],
     "ExecuteTransaction API does not support both read and write operations in the same request."),
    ("that touches an item twice", ["SELECT * FROM {} WHERE artist = 'a' AND title = 'b'", "SELECT a FROM {} WHERE title = 'b' AND artist = 'a'"],
     "Transaction request cannot include multiple operations on one item"),
])
def _(check, context, statements, message):
    response = check.refused("ValidationException", transact, context, *statements)
    check.equal(response["Error"]["Message"], message)
