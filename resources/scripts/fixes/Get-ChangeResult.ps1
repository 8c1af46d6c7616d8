<#
.SYNOPSIS
Tells what became of a change that runs, or ran, in a scheduled task.

.DESCRIPTION
Reads the files that Invoke-Change leaves in C:\ProgramData\Nodepane\<id>. Changes nothing.

.PARAMETER Id
Name of the change.

.PARAMETER Mode
apply, undo or back (the undo by time).

.OUTPUTS
One JSON document: schema, script, facts, problems. Facts: state (absent, running, finished, or stopped:
it began and ended without a result), steps, result; left: the sum that an undo of a stopped change expects; back: whether the
change is undone by time (none, waiting, kept, done, refused) and when (back_at, UTC); is_undone.

.LINK
https://learn.microsoft.com/powershell/module/scheduledtasks/get-scheduledtaskinfo
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9-]{1,80}$')] [string] $Id,
    [ValidateSet('apply', 'undo', 'back')] [string] $Mode = 'apply'
)
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$folder = $env:SystemDrive + '\ProgramData\Nodepane\' + $Id
$facts = [ordered]@{ state = 'absent'; steps = @(); result = $null; left = ''; back = 'none'; back_at = ''; is_undone = $false }
$problems = @()

function Read-Document([string] $Name) {
    $path = $folder + '\' + $Name + '.json'
    if ([IO.File]::Exists($path)) { ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($path)) }
}

# Whether a change runs on this node now: whoever runs one holds this file.
function Test-Held {
    $path = $env:SystemDrive + '\ProgramData\Nodepane\lock'
    if (-not [IO.File]::Exists($path)) { return $false }
    try {
        $file = [IO.File]::Open($path, 'Open', 'Read', 'ReadWrite, Delete')
        $file.Dispose()
        $false
    } catch [IO.IOException] {
        $true
    }
}

try {
    # Asked before the result is looked for: what ends in between has left its result by then.
    $isHeld = Test-Held
    $hasBegun = [IO.File]::Exists($folder + '\' + $Mode + '-progress.json') -or ($Mode -eq 'apply' -and [IO.File]::Exists($folder + '\record.json'))
    if ($hasBegun -or [IO.File]::Exists($folder + '\' + $Mode + '.json')) { $facts.state = 'running' }
    if ($hasBegun -and -not $isHeld) { $facts.state = 'stopped' }
    $steps = Read-Document ($Mode + '-progress')
    if ($null -ne $steps) { $facts.steps = [object[]]@($steps) }
    $result = Read-Document ($Mode + '-result')
    if ($null -ne $result) {
        $facts.result = $result
        $facts.state = 'finished'
    }
    $left = Read-Document 'left'
    if ($null -ne $left) { $facts.left = [string]$left.most }
    $facts.is_undone = [IO.File]::Exists($folder + '\undone')
    $back = Read-Document 'back'
    if ($null -ne $back) {
        $facts.back_at = [string]$back.At
        $facts.back = 'waiting'
        if ([IO.File]::Exists($folder + '\back-result.json')) { $facts.back = 'refused' }
        if ([IO.File]::Exists($folder + '\kept')) { $facts.back = 'kept' }
        if ([IO.File]::Exists($folder + '\went-back')) { $facts.back = 'done' }
    }
} catch {
    $facts.Remove('state')
    $problems = @([ordered]@{ fact = 'state'; message = $_.Exception.GetBaseException().Message; code = '0x{0:x8}' -f $_.Exception.GetBaseException().HResult })
}
ConvertTo-Json -Compress -Depth 20 -InputObject ([ordered]@{
        schema = 1; script = 'Get-ChangeResult'; facts = $facts; problems = [object[]]$problems
    })
