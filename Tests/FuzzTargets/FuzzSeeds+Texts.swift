internal import ShaleOperations

/// Texts: expressions, bodies, requests.
extension FuzzTarget {
    static var expressions: [[UInt8]] {
        let texts = [
            (0, "a = :v AND (NOT b <> :s OR attribute_exists(c[0]))"),
            (0, "size(#b) BETWEEN :v AND :v AND begins_with(b, :s) AND contains(c, :v)"),
            (0, "a IN (:v, :s) OR attribute_type(d.e, :s)"),
            (1, "SET a = a + :v, b = if_not_exists(b, :s), c = list_append(c, :l) REMOVE d.e"),
            (1, "ADD a :v DELETE d.e :v SET #n = :v - :v"), (2, "a, c[0], d.e, #n, b"),
            (3, "a = :v AND begins_with(b, :s)"), (3, "a = :v AND b BETWEEN :s AND :s"),
        ]
        return texts.map { [UInt8($0.0)] + Array($0.1.utf8) }
    }

    static var statements: [[UInt8]] {
        let texts = [
            (0, "SELECT * FROM \"t\".\"i\" WHERE a = 1 AND b > 'te' ORDER BY b DESC"),
            (
                2,
                "SELECT c[0], d.\"e\" FROM t WHERE a = ? AND begins_with(b, ?) OR NOT size(c) <> 2"
            ),
            (
                0,
                "SELECT a FROM t WHERE a IN [1, 2] AND b BETWEEN 'a' AND 'z' AND c IS NOT MISSING;"
            ),
            (3, "select b from t where (a = ? and b >= ?) or a in ? -- end"),
            (0, "INSERT INTO t VALUE {'a': 1, 'b': 'it''s', 'c': [-1.5e3, <<1, 2>>, {'x': null}]}"),
            (4, "INSERT INTO t VALUE {'a': ?, 'b': ?, 'c': ?, 'd': ?}"),
            (
                0,
                "UPDATE t SET a = a + 1, c = list_append(c, [1]) REMOVE d.e WHERE a = 1 AND b = 'x'"
            ),
            (0, "FROM t WHERE a = 1 SET d.e = set_add(d.e, <<3>>) RETURNING MODIFIED NEW *"),
            (0, "UPDATE t SET d.e = set_delete(d.e, <<1>>) WHERE a = 1 /* c */ AND c IS LIST"),
            (0, "DELETE FROM t WHERE a = 1 AND attribute_type(c, 'L') = true RETURNING ALL OLD *"),
            (0, "EXISTS(SELECT * FROM t WHERE a = 1 AND contains(b, 'x'))"),
        ]
        return texts.map { [UInt8($0.0)] + Array($0.1.utf8) }
    }

    static var bodies: [String] {
        [
            "{}", #"{"a":{"S":"x"},"b":{"N":"-1.5e3"}}"#,
            #"{"l":{"L":[{"NULL":true},{"BOOL":false},{"B":"AQI="}]},"m":{"M":{"x":{"N":"1"}}}}"#,
            #"{"ss":{"SS":["a","\u00e9"]},"ns":{"NS":["1","2"]},"bs":{"BS":["AQ=="]}}"#,
            #"{"\ud83d\ude00":{"S":"\n\t\\"}}"#,
        ]
    }

    static var policies: [[UInt8]] {
        let rest = #""Action":"dynamodb:*","Resource":"arn:aws:dynamodb:*:*:table/${aws:username}""#
        let condition =
            #""Condition":{"ForAnyValue:StringNotLike":{"dynamodb:LeadingKeys":["a*","?"]}}"#
        let texts = [
            "{\"Version\":\"2012-10-17\",\"Statement\":{\"Effect\":\"Allow\",\(rest),\(condition)}}",
            #"{"Version":"2008-10-17","Statement":[{"Sid":"a","Effect":"Deny",\#(rest),"Principal":{"AWS":["*"]}}]}"#,
        ]
        return texts.map { Array($0.utf8) }
    }

    static var requests: [[UInt8]] {
        let key = #""p":{"S":"a"},"s":{"N":"1"}"#
        let bodies = [
            "PutItem": #"{"TableName":"Fuzz","Item":{\#(key),"i":{"S":"x"}}}"#,
            "GetItem": #"{"TableName":"Fuzz","Key":{\#(key)},"ConsistentRead":true}"#,
            "DeleteItem": #"{"TableName":"Fuzz","Key":{\#(key)},"ReturnValues":"ALL_OLD"}"#,
            "UpdateItem": """
            {"TableName":"Fuzz","Key":{\(key)},"UpdateExpression":"SET x = :v",\
            "ExpressionAttributeValues":{":v":{"N":"1"}},"ReturnValues":"ALL_NEW"}
            """,
            "Query": """
            {"TableName":"Fuzz","KeyConditionExpression":"p = :p",\
            "ExpressionAttributeValues":{":p":{"S":"a"}},"Limit":3}
            """,
            "Scan": #"{"TableName":"Fuzz","Segment":0,"TotalSegments":2,"Select":"COUNT"}"#,
            "BatchGetItem": #"{"RequestItems":{"Fuzz":{"Keys":[{\#(key)}]}}}"#,
            "BatchWriteItem": #"{"RequestItems":{"Fuzz":[{"PutRequest":{"Item":{\#(key)}}}]}}"#,
            "ExecuteStatement": """
            {"Statement":"SELECT * FROM Fuzz WHERE p = ? AND s IN [1, 2]","Parameters":[{"S":"a"}],\
            "Limit":1,"NextToken":"0123456789abcdef0123","ReturnConsumedCapacity":"TOTAL"}
            """,
            "BatchExecuteStatement": """
            {"Statements":[{"Statement":"UPDATE Fuzz SET x = 1 WHERE p = 'a' AND s = 1"},\
            {"Statement":"INSERT INTO Fuzz VALUE {'p': ?, 's': 1}","Parameters":[{"S":"a"}]}]}
            """,
            "DescribeTable": #"{"TableName":"Fuzz"}"#, "ListTables": #"{"Limit":1}"#,
            "CreateTable": """
            {"TableName":"Fuzz","BillingMode":"PAY_PER_REQUEST","AttributeDefinitions":\
            [{"AttributeName":"p","AttributeType":"S"}],"KeySchema":\
            [{"AttributeName":"p","KeyType":"HASH"}]}
            """,
        ]
        return OperationRegistry.names.enumerated().map { index, name in
            [UInt8(index)] + Array((bodies[name] ?? "{}").utf8)
        }
    }

    static var httpRequests: [[UInt8]] {
        [
            "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
            "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabcGET /x HTTP/1.1\r\n\r\n",
            "POST /?q HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nT: 1\r\n\r\n",
            "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
            "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n",
        ].map { Array($0.utf8) }
    }

    static var signatures: [[UInt8]] {
        let scope = "id/20150830/us-east-1/dynamodb/aws4_request"
        let signature = String(repeating: "a", count: 64)
        return [
            """
            AWS4-HMAC-SHA256 Credential=\(scope), SignedHeaders=host;x-amz-date, Signature=\(signature)
            20150830T123600Z
            /a%20b/../c
            b=2&a=1&a=%41
            """,
            "AWS4-HMAC-SHA256 Credential=\(scope)\nSun, 06 Nov 1994 08:49:37 GMT\n/\n",
        ].map { Array($0.utf8) }
    }
}
