-- Asks for the paths of a file in turn.
local paths = {}
for line in io.lines(os.getenv("BENCH_PATHS")) do
  paths[#paths + 1] = line
end
local turn = tonumber(os.getenv("BENCH_TURN"))
local tag = os.getenv("BENCH_TAG")
if tag ~= "" then
  wrk.headers["If-None-Match"] = tag
end
local token = os.getenv("BENCH_TOKEN")
if token ~= "" then
  wrk.headers["Authorization"] = "Bearer " .. token
end

request = function()
  turn = turn + 1
  return wrk.format("GET", paths[turn % #paths + 1])
end

done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    "\nRESULT %d %d %d %d %f %f\n",
    summary.requests, summary.duration, summary.bytes,
    errors.status + errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000))
end
