<#
.SYNOPSIS
Tells whether the node itself reaches a TCP port of another computer, without any proxy.

.DESCRIPTION
Opens and closes one TCP connection. It can take half a minute where nothing answers: asked only when another fact needs it.
Changes nothing.

.PARAMETER Target
Name or address of the other computer, a registry for instance.

.PARAMETER Port
Its TCP port.

.OUTPUTS
One JSON document: schema, script, facts (EgressFacts), problems.

.LINK
https://learn.microsoft.com/powershell/module/nettcpip/test-netconnection
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9][A-Za-z0-9._:-]*$')] [string] $Target,
    [ValidateRange(1, 65535)] [int] $Port = 443
)
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$facts = [ordered]@{}
$problems = New-Object -TypeName System.Collections.ArrayList

function Add-Problem([string] $FactName, [string] $Message, [string] $Code) {
    if ($Message.Length -gt 400) { $Message = $Message.Substring(0, 400) }
    [void]$problems.Add([ordered]@{ fact = $FactName; message = $Message; code = $Code })
}

# Asks one question: its answer becomes the fact, its failure a problem. What we throw ourselves has no code of Windows.
function Read-Fact([string] $FactName, [scriptblock] $Question, [switch] $List) {
    try {
        if ($List) { $facts[$FactName] = [object[]]@(& $Question) } else { $facts[$FactName] = & $Question }
        if ($null -eq $facts[$FactName]) { $facts.Remove($FactName); throw 'Windows gave no answer' }
    } catch {
        $cause = $_.Exception.GetBaseException()
        $code = if ($cause.HResult -eq -2146233087) { '' } else { '0x{0:x8}' -f $cause.HResult }
        Add-Problem -FactName $FactName -Message $cause.Message -Code $code
    }
}

Read-Fact -FactName target -Question { '{0}:{1}' -f $Target, $Port }
Read-Fact -FactName reached -Question {
    [bool](Test-NetConnection -ComputerName $Target -Port $Port -InformationLevel Quiet -WarningAction SilentlyContinue)
}

ConvertTo-Json -Compress -Depth 20 -InputObject ([ordered]@{
        schema = 1; script = 'Get-EgressFact'; facts = $facts; problems = [object[]]$problems.ToArray()
    })
