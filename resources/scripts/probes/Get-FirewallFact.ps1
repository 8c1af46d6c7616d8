<#
.SYNOPSIS
Tells whether the firewall lets in what a node must hear: kubelet's port and the packets of the overlay network.

.DESCRIPTION
Reads Get-NetFirewallProfile, Get-NetFirewallPortFilter, Get-NetFirewallRule and Get-NetFirewallApplicationFilter of the
active store (group policy included), each once: asked rule by rule, thousands of rules would take minutes. Changes nothing.

.OUTPUTS
One JSON document: schema, script, facts (FirewallFacts), problems. At most 256 rules.

.LINK
https://learn.microsoft.com/powershell/module/netsecurity/get-netfirewallportfilter
#>
[CmdletBinding()]
param()
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

# Enums as words or as numbers, true and false as GpoBoolean or Boolean: 1 and True, 2 and Allow are the same.
function Test-Word($Value, [string[]] $Words) {
    $Words -contains [string]$Value
}

Read-Fact -List -FactName profiles -Question {
    foreach ($one in @(Get-NetFirewallProfile -PolicyStore ActiveStore)) {
        [ordered]@{
            name = ([string]$one.Name).ToLowerInvariant()
            enabled = Test-Word $one.Enabled 'True', '1'
            lets_in = Test-Word $one.DefaultInboundAction 'Allow', '2'
        }
    }
}

# Whether a port filter takes in a port; its ports are numbers, ranges and words such as Any or RPC.
function Get-Cover($Filter, [string[]] $Protocols, [int] $Port) {
    if (-not (Test-Word $Filter.Protocol ($Protocols + 'Any'))) { return '' }
    foreach ($one in @($Filter.LocalPort)) {
        $text = [string]$one
        if ($text -eq 'Any' -or $text -eq '*' -or $text -eq '') { return 'any' }
        if ($text -match '^(\d{1,5})-(\d{1,5})$') {
            if ([int]$Matches[1] -le $Port -and $Port -le [int]$Matches[2]) { return 'port' }
        } elseif ($text -eq [string]$Port) {
            return 'port'
        }
    }
    ''
}

Read-Fact -List -FactName rules -Question {
    $kubelet = @{}
    $overlay = @{}
    foreach ($filter in @(Get-NetFirewallPortFilter -PolicyStore ActiveStore)) {
        $cover = Get-Cover $filter @('TCP', '6') 10250
        if ($cover) { $kubelet[[string]$filter.InstanceID] = $cover }
        $cover = Get-Cover $filter @('UDP', '17') 4789
        if ($cover) { $overlay[[string]$filter.InstanceID] = $cover }
    }
    # Without it the rule's program is not known, which is told; the rest counts all the same.
    $programs = $null
    try {
        $found = @{}
        foreach ($filter in @(Get-NetFirewallApplicationFilter -PolicyStore ActiveStore)) { $found[[string]$filter.InstanceID] = [string]$filter.Program }
        $programs = $found
    } catch {
        $programs = $null
    }
    $count = 0
    foreach ($rule in @(Get-NetFirewallRule -PolicyStore ActiveStore -Direction Inbound -Enabled True)) {
        $id = [string]$rule.InstanceID
        if (-not ($kubelet.ContainsKey($id) -or $overlay.ContainsKey($id))) { continue }
        $program = $null
        if ($null -ne $programs -and $programs.ContainsKey($id)) { $program = $programs[$id] -replace '^(Any|\*)$', '' }
        $isWide = $kubelet[$id] -ne 'port' -and $overlay[$id] -ne 'port'
        # Windows has dozens of rules that open every port to one program of its own.
        if ($isWide -and $program -and $program -notmatch '(?i)(^|[\\/])(kubelet|rke2|flanneld)\.exe$|^System$') { continue }
        $count++
        if ($count -gt 256) { throw 'more than 256 rules take in these ports' }
        [ordered]@{
            name = [string]$rule.Name
            allows = Test-Word $rule.Action 'Allow', '2'
            blocks = Test-Word $rule.Action 'Block', '4'
            profiles = [string[]]@(([string]$rule.Profile).ToLowerInvariant() -split '\s*,\s*' | Where-Object { $_ })
            kubelet = $(if ($kubelet.ContainsKey($id)) { $kubelet[$id] } else { '' })
            overlay = $(if ($overlay.ContainsKey($id)) { $overlay[$id] } else { '' })
            program = $program
        }
    }
}

Read-Fact -FactName kubelet_listens -Question {
    [bool]@(Get-NetTCPConnection -State Listen | Where-Object { $_.LocalPort -eq 10250 }).Length
}

ConvertTo-Json -Compress -Depth 20 -InputObject ([ordered]@{
        schema = 1; script = 'Get-FirewallFact'; facts = $facts; problems = [object[]]$problems.ToArray()
    })
