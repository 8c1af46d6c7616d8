<#
.SYNOPSIS
Tells what the machine is: names, product, build, language, boot time and clock.

.DESCRIPTION
Reads HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion, Win32_OperatingSystem and Win32_ComputerSystem. Changes nothing.
Needs no more than a member of Remote Management Users has; CIM may ask for an administrator.

.OUTPUTS
One JSON document: schema, script, facts (SystemFacts), problems.

.LINK
https://learn.microsoft.com/windows/win32/cimwin32prov/win32-operatingsystem
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

# One query for each class; a failure is told by each question that needs it.
$machine = $null
$machineError = $null
try {
    $machine = Get-CimInstance -ClassName Win32_ComputerSystem -OperationTimeoutSec 15
} catch {
    $machineError = $_
}
$system = $null
$systemError = $null
try {
    $system = Get-CimInstance -ClassName Win32_OperatingSystem -OperationTimeoutSec 15
} catch {
    $systemError = $_
}
$version = $null
$versionError = $null
try {
    # The 64-bit view by name: a 32-bit process would be redirected.
    $local = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64')
    $version = $local.OpenSubKey('SOFTWARE\Microsoft\Windows NT\CurrentVersion')
    if ($null -eq $version) { throw 'the registry key CurrentVersion is not there' }
} catch {
    $versionError = $_
}

Read-Fact -FactName computer_name -Question { [Environment]::MachineName }
Read-Fact -FactName host_name -Question {
    if ($machineError) { throw $machineError }
    [string]$machine.DNSHostName
}
Read-Fact -FactName product_name -Question {
    if ($versionError) { throw $versionError }
    $version.GetValue('ProductName')
}
Read-Fact -FactName build -Question {
    if ($versionError) { throw $versionError }
    $value = $version.GetValue('CurrentBuildNumber')
    if ($null -ne $value) { [int]$value }
}
Read-Fact -FactName ubr -Question {
    if ($versionError) { throw $versionError }
    $value = $version.GetValue('UBR')
    if ($null -ne $value) { [int]$value }
}
Read-Fact -FactName is_64_bit_process -Question { [Environment]::Is64BitProcess }
Read-Fact -FactName culture -Question {
    if ($systemError) { throw $systemError }
    # The language of Windows itself, not that of whoever signed in.
    try {
        ([Globalization.CultureInfo]::GetCultureInfo([int]$system.OSLanguage)).Name
    } catch {
        [string]@($system.MUILanguages)[0]
    }
}
Read-Fact -FactName boot_time -Question {
    if ($null -ne $system) {
        $started = $system.LastBootUpTime
    } else {
        # The process System is as old as the boot.
        $started = @(Get-CimInstance -ClassName Win32_Process -Filter 'ProcessId = 4' -OperationTimeoutSec 15)[0].CreationDate
    }
    $started.ToUniversalTime().ToString('o')
}
Read-Fact -FactName node_time -Question { [DateTime]::UtcNow.ToString('o') }
Read-Fact -FactName manufacturer -Question {
    if ($machineError) { throw $machineError }
    [string]$machine.Manufacturer
}
Read-Fact -FactName model -Question {
    if ($machineError) { throw $machineError }
    [string]$machine.Model
}

ConvertTo-Json -Compress -Depth 20 -InputObject ([ordered]@{
        schema = 1; script = 'Get-SystemFact'; facts = $facts; problems = [object[]]$problems.ToArray()
    })
