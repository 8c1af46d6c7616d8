<#
.SYNOPSIS
Tells, on a Hyper-V host, whether the adapters of a virtual machine may send other MAC addresses than their own.

.DESCRIPTION
Runs on the host, not on the node. Get-VMNetworkAdapter for the virtual machine that is named; where that does not have all MAC
addresses that are asked for, for all virtual machines. Nothing is told of other adapters. Changes nothing. Needs Hyper-V's module
for PowerShell and an account of Administrators or Hyper-V Administrators on the host.

.PARAMETER Machine
The virtual machine's name as the guest knows it; it may be empty.

.PARAMETER Mac
MAC addresses that the guest has.

.OUTPUTS
One JSON document: schema, script, facts (HyperVFacts), problems. At most 64 adapters.

.LINK
https://learn.microsoft.com/powershell/module/hyper-v/get-vmnetworkadapter
#>
[CmdletBinding()]
param(
    [string] $Machine = '',
    [string[]] $Mac = @()
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

# A text even where the property is missing or has no value: a cast of nothing at all would stay nothing.
function Get-Text($Object, [string] $Name) {
    $property = $Object.PSObject.Properties[$Name]
    if ($null -eq $property -or $null -eq $property.Value) { return '' }
    [string]$property.Value
}

function ConvertTo-PlainMac([string] $Text) {
    ($Text -replace '[^0-9A-Fa-f]', '').ToUpperInvariant()
}

# Names of an enumeration, the same in every language.
function ConvertTo-Flag([string] $Name) {
    switch ($Name) {
        'On' { return $true }
        'Off' { return $false }
    }
    $null
}

$wanted = @($Mac | ForEach-Object { ConvertTo-PlainMac $_ } | Where-Object { $_.Length -eq 12 } | Select-Object -Unique)

# Adapters of virtual machines by a name or a pattern, of those that were asked for.
function Find-Adapter([string] $Pattern) {
    foreach ($adapter in @(Get-VMNetworkAdapter -VMName $Pattern)) {
        if ($wanted -contains (ConvertTo-PlainMac (Get-Text $adapter 'MacAddress'))) { $adapter }
    }
}

Read-Fact -FactName host -Question { [Environment]::MachineName }

Read-Fact -FactName module -Question { $null -ne (Get-Command -Name Get-VMNetworkAdapter -ErrorAction SilentlyContinue) }

Read-Fact -List -FactName adapters -Question {
    $found = @()
    try {
        if ($Machine) {
            # Another machine of this name, or none: then all are asked.
            try { $found = @(Find-Adapter ([WildcardPattern]::Escape($Machine))) } catch { $found = @() }
        }
        if ($found.Length -lt $wanted.Length) { $found = @(Find-Adapter '*') }
    } catch {
        # By its category, not by its words: those are in the language of Windows.
        if ([string]$_.CategoryInfo.Category -ne 'PermissionDenied') { throw }
        throw (New-Object -TypeName System.UnauthorizedAccessException -ArgumentList $_.Exception.Message)
    }
    foreach ($adapter in @($found | Select-Object -First 64)) {
        [ordered]@{
            machine = Get-Text $adapter 'VMName'
            machine_id = Get-Text $adapter 'VMId'
            name = Get-Text $adapter 'Name'
            mac = ConvertTo-PlainMac (Get-Text $adapter 'MacAddress')
            switch = Get-Text $adapter 'SwitchName'
            spoofing = ConvertTo-Flag (Get-Text $adapter 'MacAddressSpoofing')
        }
    }
}

ConvertTo-Json -Compress -Depth 20 -InputObject ([ordered]@{
        schema = 1; script = 'Get-HyperVHostFact'; facts = $facts; problems = [object[]]$problems.ToArray()
    })
