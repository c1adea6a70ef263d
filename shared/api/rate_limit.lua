-- One call against a limit of ARGV[1] calls in any window of ARGV[2] microseconds: exact, because the script is
-- atomic and the list holds the time of each counted call, newest first. Cost O(1) amortised.
-- Answers {allowed (1/0), calls left, microseconds until the oldest counted call leaves the window}.
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
redis.call('LTRIM', KEYS[1], 0, limit - 1)
local oldest = tonumber(redis.call('LINDEX', KEYS[1], -1) or '')
while oldest and oldest <= now - window do
  redis.call('RPOP', KEYS[1])
  oldest = tonumber(redis.call('LINDEX', KEYS[1], -1) or '')
end
local used = redis.call('LLEN', KEYS[1])
if used >= limit then
  return {0, 0, oldest + window - now}
end
redis.call('LPUSH', KEYS[1], string.format('%.0f', now))
redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000))
return {1, limit - used - 1, (oldest or now) + window - now}
