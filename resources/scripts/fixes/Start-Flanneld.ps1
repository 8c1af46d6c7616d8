<#
.SYNOPSIS
Starts flanneld with the name of its node in its own environment. Runs in a scheduled task of SYSTEM.

.DESCRIPTION
Reads settings.json beside it: program, arguments, node_name. Stays as long as flanneld does.

.OUTPUTS
None.

.LINK
https://github.com/flannel-io/flannel/blob/master/Documentation/configuration.md
#>
[CmdletBinding()]
param()
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$settings = ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($PSScriptRoot + '\settings.json'))
[Environment]::SetEnvironmentVariable('NODE_NAME', [string]$settings.node_name, 'Process')
Set-Location -LiteralPath ([IO.Path]::GetDirectoryName([string]$settings.program))
$words = [string[]]@($settings.arguments)
& ([string]$settings.program) @words
