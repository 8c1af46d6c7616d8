<#
.SYNOPSIS
Rehearses, applies or undoes a list of steps on this node: registry values, files, services, a scheduled task.

.DESCRIPTION
Rehearsing only reads. Applying compares the state with the one that was rehearsed, keeps what it changes in
C:\ProgramData\Nodepane\<id> (readable for administrators only), reads the copies back, then works step by step and stops at
the first failure. Undoing puts back what is kept there, if nothing has changed since. Files are moved, never deleted.
Needs an administrator.

.PARAMETER Mode
rehearse, apply or undo.

.PARAMETER Id
Name of the change and of its folder: letters, digits and hyphens.

.PARAMETER Steps
Objects with kind (registry, move, write, watch, service, process, task, guard), id and what the kind needs. A guard names what
the plan was judged from (on: registry, file, presence, process, installed, address): compared only, never written, shown or kept.

.PARAMETER ExpectedHash
The state_hash of the rehearsal (apply) or the after_hash of the change (undo).

.PARAMETER Detach
Apply or undo in a scheduled task of SYSTEM, which a lost connection does not end; its result is left in the folder.

.PARAMETER ParameterFile
Where the scheduled task finds these parameters.

.OUTPUTS
One JSON document: schema, script, change (changed, steps, state_hash, after_hash, folder, refused, detached), problems.

.LINK
https://learn.microsoft.com/windows/win32/taskschd/task-scheduler-start-page
#>
[CmdletBinding()]
param(
    [ValidateSet('rehearse', 'apply', 'undo')] [string] $Mode = 'rehearse',
    [ValidatePattern('^[A-Za-z0-9-]{1,80}$')] [string] $Id = 'none',
    [object[]] $Steps = @(),
    [string] $ExpectedHash = '',
    [bool] $Detach = $false,
    [string] $ParameterFile = ''
)
Set-StrictMode -Version 2.0
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'

$utf8 = New-Object -TypeName Text.UTF8Encoding -ArgumentList $false
$root = $env:SystemDrive + '\ProgramData\Nodepane'
$local = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64')
$problems = New-Object -TypeName System.Collections.ArrayList
$isTask = $false

# A field of a step: a hashtable from a session, an object from a file. Nothing where it is absent.
function Get-Field($Object, [string] $Name) {
    if ($null -eq $Object) { return }
    if ($Object -is [Collections.IDictionary]) {
        if ($Object.Contains($Name)) { $Object[$Name] }
        return
    }
    $property = $Object.PSObject.Properties[$Name]
    if ($null -ne $property) { $property.Value }
}

function Hide-Secret([string] $Text) { [regex]::Replace($Text, '((?:://|=)[^/:\s=]*:)[^\s]+@', '$1***@') }

function Get-Hash([byte[]] $Bytes) {
    $sha = [Security.Cryptography.SHA256]::Create()
    try { ([BitConverter]::ToString($sha.ComputeHash($Bytes)) -replace '-', '').ToLowerInvariant() } finally { $sha.Dispose() }
}

function Write-Whole([string] $Path, [string] $Text) {
    $part = $Path + '.part'
    [IO.File]::WriteAllText($part, $Text, $utf8)
    if ([IO.File]::Exists($Path)) { [IO.File]::Replace($part, $Path, [NullString]::Value) } else { [IO.File]::Move($part, $Path) }
}

if ($ParameterFile) {
    $told = ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($ParameterFile))
    $Mode = $told.Mode
    $Id = $told.Id
    $Steps = @($told.Steps)
    $ExpectedHash = $told.ExpectedHash
    $isTask = $true
}
$folder = $root + '\' + $Id

# The watched file, or the files of the watched folder, that begin with the told words.
function Get-Watched($Step) {
    $path = [string](Get-Field $Step 'path')
    $names = @()
    if ([IO.Directory]::Exists($path)) { $names = @([IO.Directory]::GetFiles($path)) } elseif ([IO.File]::Exists($path)) { $names = @($path) }
    foreach ($name in $names) {
        if ([IO.File]::ReadAllText($name).StartsWith([string](Get-Field $Step 'begins'))) { $name }
    }
}

# What a step finds: kind and value of a registry value, a file's sum, a task's command. Compared and kept, never shown.
function Get-State($Step) {
    $kind = [string](Get-Field $Step 'kind')
    if ($kind -eq 'guard') { $kind = [string](Get-Field $Step 'on') }
    switch ($kind) {
        'registry' {
            $key = $local.OpenSubKey([string](Get-Field $Step 'key'))
            if ($null -eq $key) { return [ordered]@{ present = $false; type = ''; value = @() } }
            $name = [string](Get-Field $Step 'name')
            $value = $key.GetValue($name, $null, 'DoNotExpandEnvironmentNames')
            if ($null -eq $value) { return [ordered]@{ present = $false; type = ''; value = @() } }
            [string[]]$lines = @(foreach ($line in @($value)) { [string]$line })
            [ordered]@{ present = $true; type = [string]$key.GetValueKind($name); value = $lines }
        }
        { $_ -eq 'move' -or $_ -eq 'write' -or $_ -eq 'file' } {
            $path = [string](Get-Field $Step 'path')
            if (-not [IO.File]::Exists($path)) { return [ordered]@{ present = $false; hash = '' } }
            [ordered]@{ present = $true; hash = Get-Hash ([IO.File]::ReadAllBytes($path)) }
        }
        'watch' {
            [string[]]$kept = @(foreach ($name in (Get-Watched $Step)) { $name + ' ' + (Get-Hash ([IO.File]::ReadAllBytes($name))) })
            [Array]::Sort($kept, [StringComparer]::Ordinal)
            [ordered]@{ present = [bool]$kept.Length; files = $kept }
        }
        'task' {
            $found = @(Get-ScheduledTask -ErrorAction SilentlyContinue | Where-Object -FilterScript { $_.TaskName -eq [string](Get-Field $Step 'name') })
            if (-not $found.Length) { return [ordered]@{ present = $false; command = '' } }
            $action = @($found[0].Actions)[0]
            [ordered]@{ present = $true; command = [string]$action.Execute + ' ' + [string]$action.Arguments }
        }
        'presence' { [ordered]@{ present = [IO.File]::Exists([string](Get-Field $Step 'path')) } }
        'process' {
            [string[]]$lines = @(foreach ($process in @(Get-Named $Step)) { [string]$process.CommandLine })
            [Array]::Sort($lines, [StringComparer]::Ordinal)
            [ordered]@{ present = [bool]$lines.Length; lines = $lines }
        }
        'installed' {
            $name = [string](Get-Field $Step 'name')
            [ordered]@{ present = [bool]@(Get-Service -ErrorAction SilentlyContinue | Where-Object -FilterScript { $_.Name -eq $name }).Length }
        }
        'address' {
            $address = [string](Get-Field $Step 'name')
            [ordered]@{ present = [bool]@(Get-NetIPAddress | Where-Object -FilterScript { $_.IPAddress -eq $address }).Length }
        }
        default { [ordered]@{ present = $true } }
    }
}

# The sum over what steps find, without steps of the named kinds. What a service does at the moment is never part of it.
function Get-StateHash([string[]] $Without = @()) {
    $all = @(foreach ($step in $Steps) {
            $kind = [string](Get-Field $step 'kind')
            if ((@('service', 'process') + $Without) -notcontains $kind) {
                [ordered]@{ id = [string](Get-Field $step 'id'); state = Get-State $step }
            }
        })
    Get-Hash ($utf8.GetBytes((ConvertTo-Json -Compress -Depth 20 -InputObject ([object[]]$all))))
}

# The value that a registry step leaves: the told one, or lines merged into what is there by name.
function Get-NewLine($Step, $State) {
    if ((Get-Field $Step 'merge') -ne $true) {
        return , [string[]]@([string](Get-Field $Step 'value'))
    }
    $lines = New-Object -TypeName System.Collections.ArrayList
    $given = @(foreach ($line in @(Get-Field $Step 'lines')) { [string]$line })
    $names = @(foreach ($line in $given) { $line.Substring(0, $line.IndexOf('=')) })
    $done = @{}
    foreach ($line in @($State.value)) {
        $at = $line.IndexOf('=')
        $name = if ($at -gt 0) { $line.Substring(0, $at) } else { $line }
        $replaced = $false
        for ($i = 0; $i -lt $names.Length; $i++) {
            if ($names[$i] -eq $name) {
                if (-not $done.ContainsKey($i)) { [void]$lines.Add($given[$i]); $done[$i] = $true }
                $replaced = $true
            }
        }
        if (-not $replaced) { [void]$lines.Add($line) }
    }
    for ($i = 0; $i -lt $names.Length; $i++) { if (-not $done.ContainsKey($i)) { [void]$lines.Add($given[$i]) } }
    , [string[]]$lines.ToArray([string])
}

function Test-Same($One, $Other) {
    if ($One.Length -ne $Other.Length) { return $false }
    for ($i = 0; $i -lt $One.Length; $i++) { if ($One[$i] -cne $Other[$i]) { return $false } }
    $true
}

# What a step would do, as lines of a difference. Empty after: nothing to do.
function Get-Preview($Step) {
    $kind = [string](Get-Field $Step 'kind')
    $before = @()
    $after = @()
    $needed = $true
    switch ($kind) {
        'registry' {
            $state = Get-State $Step
            $new = Get-NewLine $Step $state
            $needed = -not ($state.present -and (Test-Same ([string[]]$state.value) $new))
            $before = @(foreach ($line in @($state.value)) { Hide-Secret $line })
            $after = @(foreach ($line in $new) { Hide-Secret $line })
        }
        'move' {
            $state = Get-State $Step
            $needed = $state.present
            if ($state.present) {
                $before = @([string](Get-Field $Step 'path') + '  SHA-256 ' + $state.hash)
                $after = @($folder + '\files')
            }
        }
        'write' {
            $state = Get-State $Step
            $new = [string](Get-Field $Step 'text')
            $needed = -not ($state.present -and $state.hash -eq (Get-Hash ($utf8.GetBytes($new))))
            if ($state.present) { $before = @('SHA-256 ' + $state.hash) }
            $after = @('SHA-256 ' + (Get-Hash ($utf8.GetBytes($new))))
        }
        'task' {
            $state = Get-State $Step
            $command = [string](Get-Field $Step 'execute') + ' ' + [string](Get-Field $Step 'arguments')
            $needed = -not ($state.present -and $state.command -eq $command)
            if ($state.present) { $before = @($state.command) }
            $after = @($command)
        }
        'watch' { $needed = $false }
        'process' {
            $before = @(foreach ($process in @(Get-Named $Step)) { [string]$process.Name })
            $needed = [bool]$before.Length
        }
        'service' {
            $found = @(Get-Service -ErrorAction SilentlyContinue | Where-Object -FilterScript { $_.Name -eq [string](Get-Field $Step 'name') })
            if (-not $found.Length) { throw ('the service ' + (Get-Field $Step 'name') + ' is not there') }
        }
    }
    [ordered]@{
        id = [string](Get-Field $Step 'id'); needed = [bool]$needed
        before = [string[]]$before; after = [string[]]$after
    }
}

function Get-ServiceState([string] $Name) { [string](Get-Service -Name $Name).Status }

function Start-Named([string] $Name) {
    if ((Get-ServiceState $Name) -ne 'Running') {
        if ((Get-ServiceState $Name) -ne 'Stopped') { Stop-Service -Name $Name -Force }
        Start-Service -Name $Name
    }
    # NSSM starts at once and pauses the service when its program ends.
    $until = [DateTime]::UtcNow.AddSeconds(2)
    while ([DateTime]::UtcNow -lt $until -and (Get-ServiceState $Name) -eq 'Running') { Start-Sleep -Milliseconds 250 }
    if ((Get-ServiceState $Name) -ne 'Running') { throw ('the service ' + $Name + ' is ' + (Get-ServiceState $Name)) }
}

function Set-Registry($Step, [string] $Type, [string[]] $Lines) {
    $key = $local.CreateSubKey([string](Get-Field $Step 'key'))
    try {
        $name = [string](Get-Field $Step 'name')
        if ($Type -eq 'MultiString') { $key.SetValue($name, $Lines, 'MultiString') } else { $key.SetValue($name, $Lines[0], $Type) }
        $key.Flush()
    } finally {
        $key.Dispose()
    }
}

function Get-KeptPath([string] $Path, [string] $Place) { $folder + '\' + $Place + '\' + ($Path -replace '[:\\/]', '_') }

function Move-Kept([string] $Path, [string] $Place) {
    $target = Get-KeptPath $Path $Place
    [void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($target))
    if ([IO.File]::Exists($target)) { $target = $target + '.' + [Guid]::NewGuid().ToString('n') }
    $sum = Get-Hash ([IO.File]::ReadAllBytes($Path))
    [IO.File]::Copy($Path, $target)
    if ((Get-Hash ([IO.File]::ReadAllBytes($target))) -ne $sum) { throw ('the copy of ' + $Path + ' does not read back') }
    [IO.File]::Delete($Path)
}

# One step forward. Answers whether it changed something.
function Invoke-Step($Step) {
    $preview = Get-Preview $Step
    if (-not $preview.needed) { return $false }
    switch ([string](Get-Field $Step 'kind')) {
        'registry' {
            $state = Get-State $Step
            $type = if ($state.present) { $state.type } else { [string](Get-Field $Step 'type') }
            Set-Registry $Step $type (Get-NewLine $Step $state)
        }
        'move' { Move-Kept ([string](Get-Field $Step 'path')) 'files' }
        'write' {
            $path = [string](Get-Field $Step 'path')
            if ([IO.File]::Exists($path)) { Move-Kept $path 'files' }
            [void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($path))
            [IO.File]::WriteAllText($path, [string](Get-Field $Step 'text'), $utf8)
        }
        'service' { Invoke-ServiceStep $Step }
        'process' { Stop-Named $Step }
        'task' { Register-Named $Step }
    }
    $true
}

function Invoke-ServiceStep($Step) {
    $name = [string](Get-Field $Step 'name')
    switch ([string](Get-Field $Step 'action')) {
        'stop' { if ((Get-ServiceState $name) -ne 'Stopped') { Stop-Service -Name $name -Force } }
        'start' { Start-Named $name }
        'restart' {
            if ((Get-ServiceState $name) -ne 'Stopped') { Stop-Service -Name $name -Force }
            Start-Named $name
            foreach ($dependent in @(Get-Field $Step 'dependents')) { if ($dependent) { Start-Named ([string]$dependent) } }
        }
    }
}

function Get-Named($Step) {
    $name = [string](Get-Field $Step 'name')
    @(Get-CimInstance -ClassName Win32_Process | Where-Object -FilterScript { $_.Name -eq $name -or $_.Name -eq "rancher-wins-$name" })
}

function Stop-Named($Step) {
    foreach ($process in @(Get-Named $Step)) { Stop-Process -Id $process.ProcessId -Force }
}

function Register-Named($Step) {
    $name = [string](Get-Field $Step 'name')
    $action = New-ScheduledTaskAction -Execute ([string](Get-Field $Step 'execute')) -Argument ([string](Get-Field $Step 'arguments'))
    $settings = New-ScheduledTaskSettingsSet -ExecutionTimeLimit ([TimeSpan]::Zero)
    $trigger = New-ScheduledTaskTrigger -AtStartup
    $principal = New-ScheduledTaskPrincipal -UserId 'SYSTEM' -RunLevel Highest
    [void](Register-ScheduledTask -TaskName $name -Action $action -Trigger $trigger -Settings $settings -Principal $principal -Force)
}

function Start-NamedTask($Step) {
    Start-ScheduledTask -TaskName ([string](Get-Field $Step 'name'))
    $waits = Get-Field $Step 'process'
    if ($waits) {
        $until = [DateTime]::UtcNow.AddSeconds(60)
        $probe = @{ name = [string]$waits }
        while ([DateTime]::UtcNow -lt $until -and -not @(Get-Named $probe).Length) { Start-Sleep -Milliseconds 500 }
        if (-not @(Get-Named $probe).Length) { throw ([string]$waits + ' did not stay') }
    }
}

function Protect-Folder([string] $Path) {
    try {
        $access = New-Object -TypeName Security.AccessControl.DirectorySecurity
        $access.SetAccessRuleProtection($true, $false)
        foreach ($sid in 'S-1-5-18', 'S-1-5-32-544') {
            $who = New-Object -TypeName Security.Principal.SecurityIdentifier -ArgumentList $sid
            $rule = New-Object -TypeName Security.AccessControl.FileSystemAccessRule -ArgumentList $who, 'FullControl', 'ContainerInherit, ObjectInherit', 'None', 'Allow'
            $access.AddAccessRule($rule)
        }
        Set-Acl -LiteralPath $Path -AclObject $access
    } catch {
        [void]$problems.Add([ordered]@{ fact = 'access'; message = $_.Exception.GetBaseException().Message; code = '' })
    }
}

function Write-Change($Change) {
    $document = ConvertTo-Json -Compress -Depth 20 -InputObject ([ordered]@{
            schema = 1; script = 'Invoke-Change'; change = $Change; problems = [object[]]$problems.ToArray()
        })
    if ($isTask) { Write-Whole ($folder + '\' + $Mode + '-result.json') $document }
    $document
}

function New-Change {
    [ordered]@{
        mode = $Mode; changed = $false; detached = $false; refused = ''; steps = @(); state_hash = ''; after_hash = ''; folder = $folder
    }
}

function Write-Refusal([string] $Reason) {
    $change = New-Change
    $change.refused = $Reason
    $change.state_hash = Get-StateHash
    Write-Change $change
}

function Write-StepFile($Results) {
    if ($isTask) { Write-Whole ($folder + '\' + $Mode + '-progress.json') (ConvertTo-Json -Compress -Depth 20 -InputObject ([object[]]@($Results))) }
}

# Works through steps in order with one of the two workers; stops at the first failure.
function Invoke-All([object[]] $Ordered, [scriptblock] $Worker) {
    $results = New-Object -TypeName System.Collections.ArrayList
    foreach ($step in $Ordered) {
        $stepId = Get-Field $step 'id'
        if (-not $stepId) { $stepId = Get-Field (Get-Field $step 'step') 'id' }
        $result = [ordered]@{ id = [string]$stepId; state = 'running'; changed = $false; message = '' }
        [void]$results.Add($result)
        Write-StepFile $results.ToArray()
        try {
            $result.changed = [bool](& $Worker $step)
            $result.state = 'done'
        } catch {
            $result.state = 'failed'
            $result.message = Hide-Secret ($_.Exception.GetBaseException().Message)
        }
        Write-StepFile $results.ToArray()
        if ($result.state -eq 'failed') { break }
    }
    , $results.ToArray()
}

function Start-Detached {
    [void][IO.Directory]::CreateDirectory($folder)
    Protect-Folder $folder
    $script = $folder + '\' + $Mode + '.ps1'
    $parameters = $folder + '\' + $Mode + '.json'
    [IO.File]::WriteAllText($script, $ownText, $utf8)
    [IO.File]::WriteAllText($parameters, (ConvertTo-Json -Compress -Depth 20 -InputObject ([ordered]@{ Mode = $Mode; Id = $Id; Steps = $Steps; ExpectedHash = $ExpectedHash })), $utf8)
    $name = 'Nodepane ' + $Id + ' ' + $Mode
    $line = '-NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "' + $script + '" -ParameterFile "' + $parameters + '"'
    $action = New-ScheduledTaskAction -Execute 'powershell.exe' -Argument $line
    $principal = New-ScheduledTaskPrincipal -UserId 'SYSTEM' -RunLevel Highest
    [void](Register-ScheduledTask -TaskName $name -Action $action -Principal $principal -Force)
    Start-ScheduledTask -TaskName $name
    $change = New-Change
    $change.detached = $true
    Write-Change $change
}

$ownText = [string]$MyInvocation.MyCommand.ScriptBlock
$record = $folder + '\record.json'
$working = @($Steps | Where-Object -FilterScript { (Get-Field $_ 'kind') -ne 'guard' })

if ($Mode -eq 'rehearse') {
    $change = New-Change
    $change.steps = [object[]]@(foreach ($step in $working) { Get-Preview $step })
    $change.state_hash = Get-StateHash
    Write-Change $change
    return
}

if ($Mode -eq 'apply') {
    if ([IO.File]::Exists($record)) { return (Write-Refusal 'already-applied') }
    if ((Get-StateHash) -ne $ExpectedHash) { return (Write-Refusal 'state-moved') }
    if ($Detach -and -not $isTask) { return (Start-Detached) }
    [void][IO.Directory]::CreateDirectory($folder)
    Protect-Folder $folder
    $kept = @(foreach ($step in $working) {
            $state = Get-State $step
            $runs = $null
            if ([string](Get-Field $step 'kind') -eq 'service') { $runs = (Get-ServiceState ([string](Get-Field $step 'name'))) -eq 'Running' }
            if ([string](Get-Field $step 'kind') -eq 'watch') {
                foreach ($file in @(Get-Watched $step)) {
                    $target = Get-KeptPath $file 'files'
                    [void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($target))
                    [IO.File]::Copy($file, $target, $true)
                }
            }
            # New values stay out of the record: going back needs the old ones only.
            $bare = [ordered]@{}
            foreach ($field in 'id', 'kind', 'key', 'name', 'path', 'begins', 'action', 'dependents', 'process') {
                $value = Get-Field $step $field
                if ($null -ne $value) { $bare[$field] = $value }
            }
            [ordered]@{ step = $bare; before = $state; runs = $runs }
        })
    $text = ConvertTo-Json -Compress -Depth 20 -InputObject ([ordered]@{ id = $Id; kept = [object[]]$kept })
    Write-Whole $record $text
    if ([IO.File]::ReadAllText($record) -cne $text) { throw 'the backup does not read back' }
    $change = New-Change
    $change.state_hash = $ExpectedHash
    $change.steps = Invoke-All $working {
        param($step)
        $changed = Invoke-Step $step
        if ([string](Get-Field $step 'kind') -eq 'task') { Start-NamedTask $step; $changed = $true }
        $changed
    }
    $change.changed = [bool]@($change.steps | Where-Object -FilterScript { $_.changed }).Length
    $change.after_hash = Get-StateHash 'guard'
    Write-Change $change
    return
}

# undo
if (-not [IO.File]::Exists($record)) { return (Write-Refusal 'nothing-kept') }
if ([IO.File]::Exists($folder + '\undone')) { return (Write-Refusal 'already-undone') }
$all = @((ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($record))).kept)
$Steps = @(foreach ($one in $all) { $one.step })
if ((Get-StateHash) -ne $ExpectedHash) { return (Write-Refusal 'state-moved') }
if ($Detach -and -not $isTask) { return (Start-Detached) }

function Undo-Step($Kept) {
    $step = $Kept.step
    switch ([string](Get-Field $step 'kind')) {
        'registry' {
            if ($Kept.before.present) {
                Set-Registry $step ([string]$Kept.before.type) ([string[]]@($Kept.before.value))
            } else {
                $key = $local.OpenSubKey([string](Get-Field $step 'key'), $true)
                if ($null -ne $key) { $key.DeleteValue([string](Get-Field $step 'name'), $false); $key.Flush(); $key.Dispose() }
            }
        }
        { $_ -eq 'move' -or $_ -eq 'write' } {
            $path = [string](Get-Field $step 'path')
            if ([IO.File]::Exists($path)) { Move-Kept $path 'replaced' }
            if ($Kept.before.present) {
                $source = Get-KeptPath $path 'files'
                if ((Get-Hash ([IO.File]::ReadAllBytes($source))) -ne [string]$Kept.before.hash) { throw ('the kept copy of ' + $path + ' was changed') }
                [IO.File]::Copy($source, $path)
            }
        }
        'watch' {
            $was = @{}
            foreach ($line in @($Kept.before.files)) {
                if ($line) { $was[([string]$line).Substring(0, ([string]$line).LastIndexOf(' '))] = ([string]$line).Substring(([string]$line).LastIndexOf(' ') + 1) }
            }
            foreach ($file in @(Get-Watched $step)) {
                if (-not $was.ContainsKey($file) -or (Get-Hash ([IO.File]::ReadAllBytes($file))) -ne $was[$file]) { Move-Kept $file 'replaced' }
            }
            foreach ($file in @($was.Keys)) {
                if (-not [IO.File]::Exists($file)) { [IO.File]::Copy((Get-KeptPath $file 'files'), $file) }
            }
        }
        'task' {
            if (-not $Kept.before.present) { Unregister-ScheduledTask -TaskName ([string](Get-Field $step 'name')) -Confirm:$false }
            $waits = Get-Field $step 'process'
            if ($waits) { Stop-Named @{ name = [string]$waits } }
        }
        'service' {
            $name = [string](Get-Field $step 'name')
            if ([string](Get-Field $step 'action') -eq 'stop') {
                if ((Get-ServiceState $name) -ne 'Stopped') { Stop-Service -Name $name -Force }
            } elseif (-not $Kept.runs) {
                # It did not run before; and it may not be able to, with what stood there.
                if ((Get-ServiceState $name) -ne 'Stopped') { Stop-Service -Name $name -Force }
            } else {
                Invoke-ServiceStep $step
            }
        }
    }
    $true
}

# First stop what must not run meanwhile, then put things back, last first, then start again.
$stops = @($all | Where-Object -FilterScript { (Get-Field $_.step 'kind') -eq 'service' -and (Get-Field $_.step 'action') -eq 'stop' })
$starts = @($all | Where-Object -FilterScript { (Get-Field $_.step 'kind') -eq 'service' -and (Get-Field $_.step 'action') -ne 'stop' })
$things = @($all | Where-Object -FilterScript { @('service', 'process') -notcontains (Get-Field $_.step 'kind') })
[Array]::Reverse($things)
$change = New-Change
$change.state_hash = $ExpectedHash
$results = Invoke-All (@($stops) + @($things) + @($starts)) { param($kept) Undo-Step $kept }
$change.steps = $results
$change.changed = [bool]@($results | Where-Object -FilterScript { $_.changed }).Length
if (-not @($results | Where-Object -FilterScript { $_.state -eq 'failed' }).Length) { [IO.File]::WriteAllText($folder + '\undone', '', $utf8) }
$change.after_hash = Get-StateHash
Write-Change $change
