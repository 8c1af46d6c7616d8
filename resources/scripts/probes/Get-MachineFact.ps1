<#
.SYNOPSIS
Tells what the machine has for containers: features, a pending restart, room on disks, the process of HNS, its hypervisor, its clock.

.DESCRIPTION
Reads HKLM\SYSTEM, HKLM\SOFTWARE, Win32_LogicalDisk, Win32_Service, Win32_Process and Win32_SystemEnclosure. Where the services
of the feature Containers are missing, also Win32_OptionalFeature, which is slow. Changes nothing. CIM may ask for an administrator.

.OUTPUTS
One JSON document: schema, script, facts (MachineFacts), problems. At most 64 disks.

.LINK
https://learn.microsoft.com/windows/win32/cimwin32prov/win32-logicaldisk
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

$local = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64')

function Test-Key([string] $Path) {
    $key = $local.OpenSubKey($Path)
    if ($null -ne $key) { $key.Dispose() }
    $null -ne $key
}

Read-Fact -FactName containers -Question {
    $hns = Test-Key 'SYSTEM\CurrentControlSet\Services\hns'
    $compute = Test-Key 'SYSTEM\CurrentControlSet\Services\vmcompute'
    $feature = 'not-asked'
    if (-not ($hns -and $compute)) {
        # The services tell it already; the feature's own state only explains it, and need not be readable.
        $feature = 'not-read'
        try {
            $found = @(Get-CimInstance -ClassName Win32_OptionalFeature -Filter "Name = 'Containers'" -OperationTimeoutSec 15)
            $feature = if (-not $found.Length) { 'unknown-here' } elseif ([int]$found[0].InstallState -eq 1) { 'installed' } else { 'absent' }
        } catch {
            $feature = 'not-read'
        }
    }
    [ordered]@{ hns = $hns; vmcompute = $compute; feature = $feature; hyper_v = (Test-Key 'SYSTEM\CurrentControlSet\Services\vmms') }
}

Read-Fact -List -FactName pending_reboots -Question {
    $current = 'SOFTWARE\Microsoft\Windows\CurrentVersion'
    if (Test-Key "$current\Component Based Servicing\RebootPending") { 'component-servicing' }
    if (Test-Key "$current\WindowsUpdate\Auto Update\RebootRequired") { 'windows-update' }
}

Read-Fact -List -FactName disks -Question {
    foreach ($disk in @(Get-CimInstance -ClassName Win32_LogicalDisk -Filter 'DriveType = 3' -OperationTimeoutSec 15 | Select-Object -First 64)) {
        # A drive that is locked (BitLocker) or not formatted has no size.
        if ($null -eq $disk.Size -or $null -eq $disk.FreeSpace) { continue }
        [ordered]@{ drive = ([string]$disk.DeviceID).ToUpperInvariant(); size_bytes = [long]$disk.Size; free_bytes = [long]$disk.FreeSpace }
    }
}

# CIM's words for states are constants of the schema, not of the language.
function Get-ServiceState($Service) {
    if (-not $Service.Length) { return 'absent' }
    switch ([string]$Service[0].State) {
        'Running' { return 'running' }
        'Stopped' { return 'stopped' }
        'Paused' { return 'paused' }
    }
    'other'
}

Read-Fact -FactName hns_service -Question {
    $service = @(Get-CimInstance -ClassName Win32_Service -Filter "Name = 'hns'" -OperationTimeoutSec 15)
    $number = if ($service.Length) { [long]$service[0].ProcessId } else { 0 }
    $process = @()
    if ($number) { $process = @(Get-CimInstance -ClassName Win32_Process -Filter "ProcessId = $number" -OperationTimeoutSec 15) }
    [ordered]@{
        state = Get-ServiceState $service
        process_id = $number
        threads = $(if ($process.Length) { [long]$process[0].ThreadCount })
        created = $(if ($process.Length -and $process[0].CreationDate) { $process[0].CreationDate.ToUniversalTime().ToString('o') })
    }
}

Read-Fact -FactName clock_service -Question {
    $service = @(Get-CimInstance -ClassName Win32_Service -Filter "Name = 'W32Time'" -OperationTimeoutSec 15)
    [ordered]@{ state = Get-ServiceState $service; disabled = ($service.Length -and [string]$service[0].StartMode -eq 'Disabled') }
}

Read-Fact -FactName guest -Question {
    $key = $local.OpenSubKey('SOFTWARE\Microsoft\Virtual Machine\Guest\Parameters')
    $host_ = ''
    $machine = ''
    if ($null -ne $key) {
        $host_ = [string]$key.GetValue('PhysicalHostNameFullyQualified')
        if (-not $host_) { $host_ = [string]$key.GetValue('PhysicalHostName') }
        $machine = [string]$key.GetValue('VirtualMachineName')
    }
    $tag = ''
    foreach ($enclosure in @(Get-CimInstance -ClassName Win32_SystemEnclosure -OperationTimeoutSec 15)) {
        if ($enclosure.SMBIOSAssetTag) { $tag = ([string]$enclosure.SMBIOSAssetTag).Trim() }
    }
    [ordered]@{ hyper_v_host = $host_; virtual_machine = $machine; chassis_tag = $tag }
}

ConvertTo-Json -Compress -Depth 20 -InputObject ([ordered]@{
        schema = 1; script = 'Get-MachineFact'; facts = $facts; problems = [object[]]$problems.ToArray()
    })
