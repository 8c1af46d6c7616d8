<#
.SYNOPSIS
Tells the node's network adapters, addresses, name servers, MTUs, and the routes that lead to other networks.

.DESCRIPTION
Reads Get-NetAdapter (hidden ones too), Get-NetIPAddress, Get-DnsClientServerAddress, Get-NetIPInterface and Get-NetRoute. Changes
nothing.

.OUTPUTS
One JSON document: schema, script, facts (NetworkFacts), problems. At most 1,024 of each; routes without single hosts,
loopback, multicast and link-local ones, default routes first.

.LINK
https://learn.microsoft.com/previous-versions/windows/desktop/legacy/hh968170(v=vs.85)
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

function Get-Value($Object, [string] $Name) {
    $property = $Object.PSObject.Properties[$Name]
    if ($null -ne $property) { $property.Value }
}

# Numbers first (MSFT_NetAdapter); the word in Status is for people and only the last resort.
function Get-AdapterStatus($Adapter) {
    if ([string](Get-Value $Adapter 'State') -eq '3' -or [string](Get-Value $Adapter 'InterfaceAdminStatus') -eq '2') { return 'disabled' }
    switch ([string](Get-Value $Adapter 'InterfaceOperationalStatus')) {
        '1' { return 'up' }
        '2' { return 'down' }
        '6' { return 'not-present' }
        '7' { return 'down' }
    }
    switch ([string](Get-Value $Adapter 'Status')) {
        'Up' { return 'up' }
        'Down' { return 'down' }
        'Disconnected' { return 'down' }
        'Disabled' { return 'disabled' }
        'Not Present' { return 'not-present' }
    }
    'other'
}

# Bytes; null where there is none: loopback has the highest number there is.
function Get-Mtu($Told) {
    if ($null -eq $Told -or [long]$Told -lt 1 -or [long]$Told -gt 65535) { return $null }
    [long]$Told
}

Read-Fact -List -FactName adapters -Question {
    foreach ($adapter in @(Get-NetAdapter -IncludeHidden | Select-Object -First 1024)) {
        [ordered]@{
            name = [string]$adapter.Name
            description = [string]$adapter.InterfaceDescription
            index = [long]$adapter.InterfaceIndex
            status = Get-AdapterStatus $adapter
            mac = [string]$adapter.MacAddress
            is_virtual = [bool](Get-Value $adapter 'Virtual')
            mtu = Get-Mtu (Get-Value $adapter 'MtuSize')
        }
    }
}

Read-Fact -List -FactName addresses -Question {
    foreach ($address in @(Get-NetIPAddress | Select-Object -First 1024)) {
        $text = ([string]$address.IPAddress) -replace '%.*$', ''
        [ordered]@{
            address = $text
            prefix_length = [int]$address.PrefixLength
            interface = [string]$address.InterfaceAlias
            interface_index = [long]$address.InterfaceIndex
            family = $(if ($text.Contains(':')) { 'ipv6' } else { 'ipv4' })
        }
    }
}

Read-Fact -List -FactName routes -Question {
    $kept = @(Get-NetRoute | Where-Object { [string]$_.DestinationPrefix -notmatch '(?i)/32$|/128$|^127\.|^169\.254\.|^22[4-9]\.|^23\d\.|^ff|^fe80' })
    $first = @($kept | Where-Object { @('0.0.0.0/0', '::/0') -contains [string]$_.DestinationPrefix })
    $others = @($kept | Where-Object { @('0.0.0.0/0', '::/0') -notcontains [string]$_.DestinationPrefix })
    foreach ($route in @($first + $others | Select-Object -First 1024)) {
        [ordered]@{
            prefix = [string]$route.DestinationPrefix
            next_hop = [string]$route.NextHop
            interface_index = [long]$route.InterfaceIndex
        }
    }
}

Read-Fact -List -FactName name_servers -Question {
    foreach ($client in @(Get-DnsClientServerAddress | Select-Object -First 1024)) {
        $servers = @(Get-Value $client 'ServerAddresses' | Where-Object { $_ })
        if (-not $servers.Length) { continue }
        [ordered]@{
            interface = [string]$client.InterfaceAlias
            interface_index = [long]$client.InterfaceIndex
            # A number for people's eyes: 2 is IPv4, 23 is IPv6.
            family = $(if ([long]$client.AddressFamily -eq 23) { 'ipv6' } else { 'ipv4' })
            servers = [string[]]@($servers)
        }
    }
}

Read-Fact -List -FactName mtus -Question {
    foreach ($interface in @(Get-NetIPInterface -AddressFamily IPv4 | Select-Object -First 1024)) {
        $mtu = Get-Mtu (Get-Value $interface 'NlMtu')
        if ($null -eq $mtu) { continue }
        [ordered]@{
            interface = [string]$interface.InterfaceAlias
            interface_index = [long]$interface.InterfaceIndex
            mtu = $mtu
        }
    }
}

ConvertTo-Json -Compress -Depth 20 -InputObject ([ordered]@{
        schema = 1; script = 'Get-NetworkFact'; facts = $facts; problems = [object[]]$problems.ToArray()
    })
