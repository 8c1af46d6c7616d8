<#
.SYNOPSIS
Tells what became of a change that runs, or ran, in a scheduled task.

.DESCRIPTION
Reads the files that Invoke-Change leaves in C:\ProgramData\Nodepane\<id>. Changes nothing.

.PARAMETER Id
Name of the change.

.PARAMETER Mode
apply or undo.

.OUTPUTS
One JSON document: schema, script, facts (state: absent, running or finished; steps; result), problems.

.LINK
https://learn.microsoft.com/powershell/module/scheduledtasks/get-scheduledtaskinfo
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9-]{1,80}$')] [string] $Id,
    [ValidateSet('apply', 'undo')] [string] $Mode = 'apply'
)
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$folder = $env:SystemDrive + '\ProgramData\Nodepane\' + $Id
$facts = [ordered]@{ state = 'absent'; steps = @(); result = $null }
$problems = @()
try {
    $started = [IO.File]::Exists($folder + '\' + $Mode + '.json') -or ($Mode -eq 'apply' -and [IO.File]::Exists($folder + '\record.json'))
    if ($started) { $facts.state = 'running' }
    $progress = $folder + '\' + $Mode + '-progress.json'
    if ([IO.File]::Exists($progress)) {
        $steps = ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($progress))
        $facts.steps = [object[]]@($steps)
    }
    $result = $folder + '\' + $Mode + '-result.json'
    if ([IO.File]::Exists($result)) {
        $facts.result = ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($result))
        $facts.state = 'finished'
    }
} catch {
    $facts.Remove('state')
    $problems = @([ordered]@{ fact = 'state'; message = $_.Exception.GetBaseException().Message; code = '0x{0:x8}' -f $_.Exception.GetBaseException().HResult })
}
ConvertTo-Json -Compress -Depth 20 -InputObject ([ordered]@{
        schema = 1; script = 'Get-ChangeResult'; facts = $facts; problems = [object[]]$problems
    })
