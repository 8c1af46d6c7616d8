# Lives on a node while somebody looks at it: reads requests as lines, runs scripts, answers as lines.
# Request: base64 of JSON {m, id, name, script (SHA-256), text (first time only), parameters, hold}.
# Reply: "<m> <id> <kind> <base64 of JSON>", kinds started, result or problem, done. Sent without these comments.
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$utf8 = New-Object Text.UTF8Encoding $false
$known = @{}
$held = New-Object Text.StringBuilder
$clock = [Diagnostics.Stopwatch]::StartNew()
$hold = -1
function Convert-Value($value) {
    if ($value -is [Management.Automation.PSCustomObject]) {
        $table = @{}
        foreach ($one in $value.PSObject.Properties) { $table[$one.Name] = Convert-Value $one.Value }
        return $table
    }
    if ($value -is [Array]) { return , [object[]]@(foreach ($one in $value) { Convert-Value $one }) }
    $value
}
function Send-Held {
    if ($held.Length) {
        [Console]::Out.Write($held.ToString())
        [Console]::Out.Flush()
        [void]$held.Remove(0, $held.Length)
    }
    $clock.Reset()
    $clock.Start()
    # Each batch of a long run is gathered four times as long: few round trips, and still a sign of life.
    $script:hold = $hold * 4
}
function Send-Line([string] $kind, [string] $json) {
    [void]$held.Append($mark + ' ' + $id + ' ' + $kind + ' ' + [Convert]::ToBase64String($utf8.GetBytes($json)) + "`n")
    # An answer waits for the next question to begin: both leave in one write.
    if ($kind -eq 'started' -and $clock.ElapsedMilliseconds -ge $hold) { Send-Held }
}
function Send-Problem([string] $message, [string] $type, [string] $code) {
    Send-Line 'problem' (ConvertTo-Json -Compress -Depth 3 -InputObject @{ message = $message; type = $type; code = $code })
}
$asks = New-Object Collections.ArrayList
while ($null -ne ($line = [Console]::In.ReadLine())) {
    if (-not $line.Trim()) { continue }
    try {
        $asked = ConvertFrom-Json -InputObject $utf8.GetString([Convert]::FromBase64String($line.Trim()))
        $mark = [string]$asked.m
        $id = [string]$asked.id
        $more = [bool]$asked.more
    } catch { continue }
    [void]$asks.Add($asked)
    # All is read before the first is run: a pipe holds little, and whoever writes into it would wait for that script else.
    if ($more) { continue }
    foreach ($asked in $asks.ToArray()) {
        $mark = [string]$asked.m
        $id = [string]$asked.id
        if ($hold -lt 0) { $hold = [int]$asked.hold }
        if (-not $held.Length) {
            $clock.Reset()
            $clock.Start()
        }
        $since = [Diagnostics.Stopwatch]::StartNew()
        Send-Line 'started' '{}'
        try {
            foreach ($one in $asked.PSObject.Properties) {
                if ($one.Name -eq 'text') { $known[[string]$asked.script] = [scriptblock]::Create([string]$one.Value) }
            }
            if (-not $known.ContainsKey([string]$asked.script)) {
                Send-Problem 'this script was not sent in this session' '' 'unknown-script'
            } else {
                $words = Convert-Value $asked.parameters
                $json = @(& $known[[string]$asked.script] @words 3> $null 4> $null 5> $null 6> $null)
                if ($json.Length -eq 1 -and $json[0] -is [string] -and $json[0].StartsWith('{')) {
                    Send-Line 'result' $json[0]
                } else {
                    Send-Problem ('the script wrote ' + $json.Length + ' objects instead of one document') '' 'not-a-document'
                }
            }
        } catch {
            $cause = $_.Exception.GetBaseException()
            $where = if ($_.InvocationInfo) { ' (line ' + $_.InvocationInfo.ScriptLineNumber + ')' }
            Send-Problem ($cause.Message + $where) ($cause.GetType().Name) ('0x{0:x8}' -f $cause.HResult)
        }
        Send-Line 'done' ('{"ms":' + $since.ElapsedMilliseconds + '}')
    }
    $asks.Clear()
    Send-Held
    $hold = -1
}
