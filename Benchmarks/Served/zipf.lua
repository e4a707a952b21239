-- GetItem of items of the table that `shale bench` fills, drawn with zipf 0.99: for wrk.
--
--     wrk … -s zipf.lua URL -- ITEMS ITEMS_PER_PARTITION SEED
--
-- Ranks are drawn as Gray and others do ("Quickly generating billion-record synthetic databases"), and spread over all
-- keys by a prime, so that neighbours in the table are not alike.

local exponent = 0.99
local prime = 2654435761
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

local items, per_partition, head
local zeta, alpha, eta, half

function init(arguments)
  items = tonumber(arguments[1])
  per_partition = tonumber(arguments[2])
  math.randomseed(tonumber(arguments[3]) * 1000 + number)
  zeta = 0
  for rank = 1, items do zeta = zeta + 1 / rank ^ exponent end
  half = 1 + 0.5 ^ exponent
  alpha = 1 / (1 - exponent)
  eta = (1 - (2 / items) ^ (1 - exponent)) / (1 - half / zeta)
  wrk.method = "POST"
  wrk.headers["Content-Type"] = "application/x-amz-json-1.0"
  wrk.headers["X-Amz-Target"] = "DynamoDB_20120810.GetItem"
  wrk.headers["X-Amz-Date"] = "20260101T000000Z"
  wrk.headers["Authorization"] = "AWS4-HMAC-SHA256 Credential=bench/20260101/us-east-1/dynamodb/aws4_request, "
    .. "SignedHeaders=host;x-amz-date;x-amz-target, Signature=" .. string.rep("0", 64)
end

local function rank()
  local drawn = math.random()
  if drawn * zeta < 1 then return 0 end
  if drawn * zeta < half then return 1 end
  return math.floor(items * (eta * drawn - eta + 1) ^ alpha) % items
end

function request()
  local item = rank() * prime % items
  local partition = 10000000 + math.floor(item / per_partition)
  return wrk.format(nil, nil, nil, string.format(
    '{"TableName":"bench","Key":{"pk":{"S":"user-%d"},"sk":{"N":"%d"}}}', partition, item))
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    'result {"requests":%d,"microseconds":%d,"p50":%d,"p99":%d,"p999":%d,"refused":%d,"broken":%d}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency:percentile(99.9),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout))
end
