-- BatchWriteItem of 25 new items at a rate, each with the time at which it was sent: for wrk, with one thread.
--
--     wrk -t 1 … -s changes.lua URL -- TABLE CHANGES_PER_SECOND
--
-- wrk asks for a delay before each request of a connection. Requests have their times one after the other, whichever
-- connection comes next; one that is late is sent at once, so that the rate holds as long as there are connections.

local ffi = require("ffi")
ffi.cdef [[
  typedef struct { long seconds; long nanoseconds; } moment;
  int clock_gettime(int clock, moment *now);
]]
local now = ffi.new("moment")

local function microseconds()
  ffi.C.clock_gettime(0, now)
  return tonumber(now.seconds) * 1000000 + math.floor(tonumber(now.nanoseconds) / 1000)
end

local size = 25
local head, between, due
local written = 0

function init(arguments)
  head = '{"RequestItems":{"' .. arguments[1] .. '":['
  between = size * 1000000 / tonumber(arguments[2])
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/x-amz-json-1.0"
  wrk.headers["X-Amz-Target"] = "DynamoDB_20120810.BatchWriteItem"
  wrk.headers["X-Amz-Date"] = "20260101T000000Z"
  wrk.headers["Authorization"] = "AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/dynamodb/aws4_request, "
    .. "SignedHeaders=host;x-amz-date;x-amz-target, Signature=" .. string.rep("0", 64)
end

function delay()
  local time = microseconds()
  due = (due or time) + between
  return math.max(0, math.floor((due - time) / 1000))
end

function request()
  local at = string.format("%d", microseconds())
  local items = {}
  for number = 1, size do
    items[number] = string.format(
      '{"PutRequest":{"Item":{"pk":{"S":"p%d"},"sk":{"S":"%09d"},"at":{"N":"%s"}}}}', written % 64, written, at)
    written = written + 1
  end
  return wrk.format(nil, nil, nil, head .. table.concat(items, ",") .. "]}}")
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'result {"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
