<#
.SYNOPSIS
Tells the services and processes of Kubernetes, its container runtime and the Host Network Service.

.DESCRIPTION
Reads Win32_Service, Win32_Process, HKLM\SYSTEM\CurrentControlSet\Services and the service manager's events of the last seven
days in the log System. Changes nothing. Values that look like
secrets (after --token and the like, passwords in URLs) are replaced by *** before anything is written.
Command lines of other accounts need an administrator.

.PARAMETER Service
Names of further services to tell of. Their processes are told whatever their programs are called.

.OUTPUTS
One JSON document: schema, script, facts (DaemonFacts), problems. At most 256 processes.

.LINK
https://learn.microsoft.com/windows/win32/cimwin32prov/win32-service
#>
[CmdletBinding()]
param(
    [ValidateCount(0, 8)] [string[]] $Service = @()
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

# Values after names that end in token, password or secret, and passwords in URLs, become ***. Quoted words first.
function Hide-LineSecret([string] $Line) {
    $name = '[\w.-]*(?:token|passw(?:or)?d|secret|ap[Ii]-?key)["'']?'
    $Line = [regex]::Replace($Line, "(?i)`"(-$name[=:])[^`"]*`"", '"$1***"')
    $Line = [regex]::Replace($Line, "(?i)(?<![\w.-])(-$name\s+|$name\s*[=:]\s*)(?!\*\*\*`")(?:`"(?:\\.|[^`"\\])*`"?|'[^']*'?|[^\s`"'])+", '$1***')
    [regex]::Replace($Line, '(://[^:\s]*:)\S+@', '$1***@')
}

# NAME=value lines: those whose name tells of a secret lose their value, others only a password in a URL, scheme or not.
function Hide-VariableSecret([string] $Line) {
    $at = $Line.IndexOf('=')
    if ($at -lt 1) { return Hide-LineSecret $Line }
    $name = $Line.Substring(0, $at)
    $value = $Line.Substring($at + 1)
    if ($name -match '(token|passw|secret|credential|ap[Ii]_?key|access_?key)') { return "$name=***" }
    if ($name -match 'proxy') { $value = [regex]::Replace($value, '(?s)^((?:[^/:]+://|(?![^/:]+://))[^:]*:).+@', '$1***@') }
    "$name=" + (Hide-LineSecret $value)
}

$daemons = 'kubelet', 'kube-proxy', 'flanneld', 'containerd', 'dockerd', 'rke2'
$names = 'kubelet', 'kube-proxy', 'kubeproxy', 'flanneld', 'containerd', 'docker', 'rke2', 'rancher-wins', 'hns', 'vmcompute'
$names = @($names) + @($Service)
$typedIds = @{}
$shown = @{}

# The daemon that a path or command line runs, or an empty string: kubelet for "C:\k\rancher-wins-kubelet.exe" --v=4.
# An unquoted path may hold spaces: then it ends with .exe.
function Get-Role([string] $Text) {
    $program = ''
    if ($Text -match '^\s*"([^"]*)"') {
        $program = $Matches[1]
    } elseif ($Text -match '(?i)^\s*(.+?\.exe)(?:\s|$)') {
        $program = $Matches[1]
    } elseif ($Text -match '^\s*(\S+)') {
        $program = $Matches[1]
    }
    ($program -replace '^.*[\\/]', '' -replace '(?i)\.exe$', '' -replace '(?i)^rancher-wins-', '').ToLowerInvariant()
}

# Lines of a REG_MULTI_SZ, null where the value is absent.
function Get-Line($Key, [string] $Name) {
    $value = $Key.GetValue($Name, $null, 'DoNotExpandEnvironmentNames')
    if ($null -eq $value) { return $null }
    $lines = New-Object -TypeName System.Collections.ArrayList
    foreach ($line in @($value)) { [void]$lines.Add((Hide-VariableSecret ([string]$line))) }
    , [string[]]$lines.ToArray([string])
}

function Get-Text($Key, [string] $Name) {
    $value = $Key.GetValue($Name, $null, 'DoNotExpandEnvironmentNames')
    if ($null -ne $value) { Hide-LineSecret ([string]$value) }
}

Read-Fact -List -FactName services -Question {
    $local = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64')
    $found = @{}
    foreach ($one in @(Get-CimInstance -ClassName Win32_Service -OperationTimeoutSec 30)) {
        $found[([string]$one.Name).ToLowerInvariant()] = $one
    }
    if (-not $found.Count) { throw 'Windows listed no service' }
    # Not Sort-Object: its order is the language's.
    $order = [string[]]@($found.Keys)
    [Array]::Sort($order, [StringComparer]::Ordinal)
    foreach ($told in @(foreach ($one in $order) { $found[$one] })) {
        $name = [string]$told.Name
        $isNamed = $names -contains $name
        if ($Service -contains $name -and [long]$told.ProcessId -gt 0) { $typedIds[[long]$told.ProcessId] = $true }
        $isWrapper = (Get-Role $told.PathName) -match '^(nssm|srvany)'
        if (-not $isNamed -and -not $isWrapper -and $daemons -notcontains (Get-Role $told.PathName)) { continue }
        $key = $local.OpenSubKey("SYSTEM\CurrentControlSet\Services\$name")
        if ($null -eq $key) { continue }
        $shown[[string]$told.DisplayName] = $name
        $parameters = $key.OpenSubKey('Parameters')
        $application = if ($null -ne $parameters) { $parameters.GetValue('Application') } else { $null }
        $inner = if ($null -ne $parameters) { [string]$parameters.GetValue('AppParameters') } else { '' }
        if (-not $isNamed -and $daemons -notcontains (Get-Role $told.PathName)) {
            # A wrapper under another name: only if what it runs is a daemon, or the script that runs one.
            if ($daemons -notcontains (Get-Role "`"$application`"") -and $inner -notmatch '(?i)start-?kube\w*\.ps1') { continue }
        }
        $nssm = $null
        if ($isWrapper -or $null -ne $application) {
            $nssm = [ordered]@{
                application = $null; app_parameters = $null; app_directory = $null; app_environment = $null
                app_environment_extra = $null; app_stdout = $null; app_stderr = $null
            }
            if ($null -ne $parameters) {
                $nssm.application = Get-Text $parameters 'Application'
                $nssm.app_parameters = Get-Text $parameters 'AppParameters'
                $nssm.app_directory = Get-Text $parameters 'AppDirectory'
                $nssm.app_environment = [string[]](Get-Line $parameters 'AppEnvironment')
                $nssm.app_environment_extra = [string[]](Get-Line $parameters 'AppEnvironmentExtra')
                $nssm.app_stdout = Get-Text $parameters 'AppStdout'
                $nssm.app_stderr = Get-Text $parameters 'AppStderr'
            }
        }
        # CIM's words for states are constants of the schema, not of the language.
        $state = switch ([string]$told.State) {
            'Running' { 'running' }
            'Stopped' { 'stopped' }
            'Paused' { 'paused' }
            'Start Pending' { 'start-pending' }
            'Stop Pending' { 'stop-pending' }
            'Continue Pending' { 'continue-pending' }
            'Pause Pending' { 'pause-pending' }
            default { 'other' }
        }
        $mode = switch ([string]$told.StartMode) {
            'Auto' { 'auto' }
            'Manual' { 'manual' }
            'Disabled' { 'disabled' }
            'Boot' { 'boot' }
            'System' { 'system' }
            default { 'other' }
        }
        $needed = $key.GetValue('DependOnService')
        [string[]]$dependsOn = @(foreach ($one in @($needed)) { if ($one) { [string]$one } })
        [ordered]@{
            name = $name
            state = $state
            start_mode = $mode
            path_name = Hide-LineSecret ([string]$told.PathName)
            process_id = [long]$told.ProcessId
            account = [string]$told.StartName
            exit_code = [long]$told.ExitCode
            depends_on = $dependsOn
            environment = [string[]](Get-Line $key 'Environment')
            nssm = $nssm
        }
    }
}

Read-Fact -List -FactName processes -Question {
    $all = @(Get-CimInstance -ClassName Win32_Process -OperationTimeoutSec 30)
    # The process System is always there: an empty list is no answer.
    if (-not $all.Length) { throw 'Windows listed no process' }
    $byId = @{}
    foreach ($process in $all) { $byId[[long]$process.ProcessId] = $process }
    $count = 0
    foreach ($process in $all) {
        $role = Get-Role ('"' + [string]$process.Name + '"')
        $line = $process.CommandLine
        if (@('powershell', 'pwsh') -contains $role) {
            if ([string]$line -notmatch '(?i)(?:^|[\\/\s"''])(?:start|startkubelet)\.ps1(?![\w.])') { continue }
            $role = 'start-script'
        }
        $parent = $byId[[long]$process.ParentProcessId]
        # A number is used again after its process ended: a parent is never younger than its child.
        $parentName = ''
        if ($null -ne $parent -and -not ($parent.CreationDate -and $process.CreationDate -and $parent.CreationDate -gt $process.CreationDate)) {
            $parentName = [string]$parent.Name
        }
        if ($role -ne 'start-script' -and $daemons -notcontains $role) {
            $isTyped = $typedIds[[long]$process.ProcessId] -or ($parentName -and $typedIds[[long]$process.ParentProcessId])
            if (-not $isTyped) { continue }
        }
        $count++
        if ($count -gt 256) { break }
        [ordered]@{
            name = [string]$process.Name
            role = $role
            process_id = [long]$process.ProcessId
            parent_process_id = [long]$process.ParentProcessId
            parent_name = $parentName
            command_line = $(if ($line) { Hide-LineSecret ([string]$line) })
            executable_path = $process.ExecutablePath
            created = $(if ($process.CreationDate) { $process.CreationDate.ToUniversalTime().ToString('o') })
        }
    }
}

# Services that ended unexpectedly (7031, 7034). An event names a service as it is shown, in the language of Windows: so does
# Win32_Service, and nothing else is made of that name.
Read-Fact -List -FactName crashes -Question {
    if (-not $facts.Contains('services')) { throw 'services could not be read' }
    $wanted = @{
        LogName = 'System'; ProviderName = 'Service Control Manager'; Id = 7031, 7034
        StartTime = [DateTime]::Now.AddDays(-7)
    }
    try {
        $events = @(Get-WinEvent -FilterHashtable $wanted -MaxEvents 512 -ErrorAction Stop)
    } catch {
        # That there is no such event is an error too, told apart by its identifier.
        if ($_.FullyQualifiedErrorId -like 'NoMatchingEventsFound*') { return }
        throw
    }
    $found = [ordered]@{}
    foreach ($event in @($events | Sort-Object -Property TimeCreated -Descending)) {
        $name = $shown[[string]@($event.Properties)[0].Value]
        if (-not $name) { continue }
        if (-not $found.Contains($name)) {
            $found[$name] = [ordered]@{ service = $name; count = 0; last = $event.TimeCreated.ToUniversalTime().ToString('o') }
        }
        $found[$name].count++
    }
    foreach ($one in $found.Values) { $one }
}

ConvertTo-Json -Compress -Depth 20 -InputObject ([ordered]@{
        schema = 1; script = 'Get-DaemonFact'; facts = $facts; problems = [object[]]$problems.ToArray()
    })
