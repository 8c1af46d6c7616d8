<#
.SYNOPSIS
Rehearses, applies or undoes a list of steps on this node: registry values, files, services, a scheduled task.

.DESCRIPTION
Rehearsing only reads. Applying compares the state with the one that was rehearsed, keeps what it changes in
C:\ProgramData\Nodepane\<id> (readable for administrators only), reads the copies back, then works step by step and stops at
the first failure. Undoing puts back what is kept there, if nothing has changed since. Files are moved, never deleted.
One change runs at a time on a node (C:\ProgramData\Nodepane\lock). Needs an administrator.

.PARAMETER Mode
rehearse, apply, undo, keep (whoever applied has come back: the change stays) or back (undo by time, in a scheduled task).

.PARAMETER Id
Name of the change and of its folder: letters, digits and hyphens.

.PARAMETER Steps
Objects with kind (registry, move, write, watch, service, process, task, guard), id and what the kind needs. A guard names what
the plan was judged from (on: registry, file, presence, process, installed, address): compared only, never written, shown or kept.

.PARAMETER ExpectedHash
The state_hash of the rehearsal (apply) or the after_hash of the change (undo).

.PARAMETER Detach
Apply or undo in a scheduled task of SYSTEM, which a lost connection does not end; its result is left in the folder.

.PARAMETER BackMinutes
With Detach and apply: undo the change by itself after so many minutes, unless it is kept before. 0: never.

.PARAMETER ParameterFile
Where the scheduled task finds these parameters.

.OUTPUTS
One JSON document: schema, script, change (changed, steps, state_hash, after_hash, folder, refused, detached, back_at), problems.

.LINK
https://learn.microsoft.com/windows/win32/taskschd/task-scheduler-start-page
#>
[CmdletBinding()]
param(
    [ValidateSet('rehearse', 'apply', 'undo', 'keep', 'back')] [string] $Mode = 'rehearse',
    [ValidatePattern('^[A-Za-z0-9-]{1,80}$')] [string] $Id = 'none',
    [object[]] $Steps = @(),
    [string] $ExpectedHash = '',
    [bool] $Detach = $false,
    [ValidateRange(0, 1440)] [int] $BackMinutes = 0,
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
$stoppedWith = @{}

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

function Hide-Secret([string] $Text) { [regex]::Replace($Text, '((?:://|=)(?![\w.+-]*://)[^/:\s=]*:)[^\s]+@', '$1***@') }

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

# The kind of the new value: lists stay lists, text that Windows expanded stays so, and plain text is never expanded.
function Get-NewType($Step, $State) {
    $type = [string](Get-Field $Step 'type')
    if ($type -eq 'ExpandString' -and $State.present -and $State.type -eq 'String') { return 'String' }
    $type
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
            $fits = $state.present -and $state.type -eq (Get-NewType $Step $state)
            $needed = -not ($fits -and (Test-Same ([string[]]$state.value) $new))
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
        switch ($Type) {
            'MultiString' { $key.SetValue($name, $Lines, $Type) }
            { $_ -eq 'Binary' -or $_ -eq 'None' } { $key.SetValue($name, [byte[]]@($Lines), $Type) }
            default { $key.SetValue($name, $Lines[0], $Type) }
        }
        $key.Flush()
    } finally {
        $key.Dispose()
    }
}

# The highest key on the way to this one that is not there yet; '' where it is there.
function Get-MissingKey([string] $Path) {
    $missing = ''
    while ($Path) {
        $key = $local.OpenSubKey($Path)
        if ($null -ne $key) { $key.Dispose(); break }
        $missing = $Path
        $Path = if ($Path.Contains('\')) { $Path.Substring(0, $Path.LastIndexOf('\')) } else { '' }
    }
    $missing
}

# Takes away keys that a step had to make, up to the highest of them, as long as nothing is in them.
function Remove-MadeKey([string] $Path, [string] $Top) {
    while ($Top -and $Path.Length -ge $Top.Length) {
        $key = $local.OpenSubKey($Path)
        if ($null -ne $key) {
            $isEmpty = -not ($key.ValueCount + $key.SubKeyCount)
            $key.Dispose()
            if (-not $isEmpty) { return }
            $local.DeleteSubKey($Path, $false)
        }
        $Path = if ($Path.Contains('\')) { $Path.Substring(0, $Path.LastIndexOf('\')) } else { '' }
    }
}

# Where a file is kept: no two paths share a place, and no name is too long.
function Get-KeptPath([string] $Path, [string] $Place) {
    $name = [IO.Path]::GetFileName($Path)
    if ($name.Length -gt 80) { $name = $name.Substring(0, 80) }
    $folder + '\' + $Place + '\' + (Get-Hash ($utf8.GetBytes($Path.ToLowerInvariant()))).Substring(0, 16) + '-' + $name
}

# A second file with the times and attributes of the first.
function Copy-Exact([string] $Path, [string] $Target) {
    [void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($Target))
    [IO.File]::Copy($Path, $Target)
    $attributes = [IO.File]::GetAttributes($Path)
    [IO.File]::SetAttributes($Target, 'Normal')
    [IO.File]::SetCreationTimeUtc($Target, [IO.File]::GetCreationTimeUtc($Path))
    [IO.File]::SetLastWriteTimeUtc($Target, [IO.File]::GetLastWriteTimeUtc($Path))
    [IO.File]::SetAttributes($Target, $attributes)
    if ((Get-Hash ([IO.File]::ReadAllBytes($Target))) -ne (Get-Hash ([IO.File]::ReadAllBytes($Path)))) { throw ('the copy of ' + $Path + ' does not read back') }
}

function Move-Kept([string] $Path, [string] $Place) {
    $target = Get-KeptPath $Path $Place
    [void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($target))
    if ([IO.File]::Exists($target)) { $target = $target + '.' + [Guid]::NewGuid().ToString('n') }
    $sum = Get-Hash ([IO.File]::ReadAllBytes($Path))
    # A rename: times, attributes and access rules go with the file, and at no moment is it in no place.
    [IO.File]::Move($Path, $target)
    if ((Get-Hash ([IO.File]::ReadAllBytes($target))) -ne $sum) { throw ($Path + ' was written to while it was moved; it is kept as ' + $target) }
}

# One step forward. Answers whether it changed something.
function Invoke-Step($Step) {
    $preview = Get-Preview $Step
    if (-not $preview.needed) { return $false }
    switch ([string](Get-Field $Step 'kind')) {
        'registry' {
            $state = Get-State $Step
            Set-Registry $Step (Get-NewType $Step $state) (Get-NewLine $Step $state)
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

# Some daemons come up only when they are started once more: flanneld, while the virtual switch takes over the card.
function Invoke-Patiently($Step, [scriptblock] $Start) {
    for ($left = [int](Get-Field $Step 'attempts') - 1; $left -gt 0; $left--) {
        try { return (& $Start) } catch { Start-Sleep -Seconds 3 }
    }
    & $Start
}

function Invoke-ServiceStep($Step) {
    $name = [string](Get-Field $Step 'name')
    switch ([string](Get-Field $Step 'action')) {
        'stop' { Stop-Whole $name }
        'start' {
            Start-Named $name
            if ($stoppedWith.ContainsKey($name)) { Start-Dependent $stoppedWith[$name] }
        }
        'restart' {
            Stop-Whole $name
            $own = [ordered]@{ name = $name; runs = (Get-Field $Step 'may_stay_ill') -ne $true }
            Invoke-Patiently $Step { Start-Dependent $own }
            Start-Dependent $stoppedWith[$name]
        }
    }
}

# The services that need this one, directly or not, and do not stand still.
function Get-Dependent([string] $Name) {
    $found = New-Object -TypeName System.Collections.ArrayList
    $waiting = New-Object -TypeName System.Collections.Queue
    $waiting.Enqueue($Name)
    while ($waiting.Count) {
        foreach ($one in @((Get-Service -Name ([string]$waiting.Dequeue())).DependentServices)) {
            $state = Get-ServiceState $one.Name
            if ($state -eq 'Stopped' -or @($found | Where-Object -FilterScript { $_.name -eq $one.Name }).Length) { continue }
            [void]$found.Add([ordered]@{ name = [string]$one.Name; runs = $state -eq 'Running' })
            $waiting.Enqueue([string]$one.Name)
        }
    }
    $found.ToArray()
}

# Stops a service with all that needs it, and remembers these.
function Stop-Whole([string] $Name) {
    if ((Get-ServiceState $Name) -eq 'Stopped') { return }
    $stoppedWith[$Name] = @($stoppedWith[$Name]) + @(Get-Dependent $Name)
    Stop-Service -Name $Name -Force
}

# What ran runs again; what was ill before (NSSM shows it as paused) may stay so.
function Start-Dependent($Dependents) {
    $done = @{}
    foreach ($one in @($Dependents)) {
        $name = [string](Get-Field $one 'name')
        if (-not $name -or $done.ContainsKey($name)) { continue }
        $done[$name] = $true
        if ((Get-Field $one 'runs') -eq $true) { Start-Named $name; continue }
        try { Start-Named $name } catch { [void]$problems.Add([ordered]@{ fact = 'service'; message = $_.Exception.GetBaseException().Message; code = '' }) }
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
    $settings = New-ScheduledTaskSettingsSet -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries -ExecutionTimeLimit ([TimeSpan]::Zero)
    $trigger = New-ScheduledTaskTrigger -AtStartup
    $principal = New-ScheduledTaskPrincipal -UserId 'SYSTEM' -RunLevel Highest
    [void](Register-ScheduledTask -TaskName $name -Action $action -Trigger $trigger -Settings $settings -Principal $principal -Force)
}

function Start-NamedTask($Step) {
    Start-ScheduledTask -TaskName ([string](Get-Field $Step 'name'))
    $waits = Get-Field $Step 'process'
    if ($waits) {
        $until = [DateTime]::UtcNow.AddSeconds(30)
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
    $result = $folder + '\' + $Mode + '-result.json'
    $isOver = @('apply', 'undo', 'back') -contains $Mode -and -not $Change.detached
    if ($isOver -and [IO.Directory]::Exists($folder) -and (-not $Change.refused -or ($isTask -and -not [IO.File]::Exists($result)))) { Write-Whole $result $document }
    $document
}

function New-Change {
    [ordered]@{
        mode = $Mode; changed = $false; detached = $false; refused = ''; steps = @(); state_hash = ''; after_hash = ''
        back_at = ''; folder = $folder
    }
}

function Write-Refusal([string] $Reason) {
    $change = New-Change
    $change.refused = $Reason
    $change.state_hash = Get-StateHash
    Write-Change $change
}

function Write-StepFile($Results) {
    Write-Whole ($folder + '\' + $Mode + '-progress.json') (ConvertTo-Json -Compress -Depth 20 -InputObject ([object[]]@($Results)))
}

# The sums over what a change has left so far: all that it changes itself; and the same without files that come again by themselves.
function Write-Left {
    $left = [ordered]@{ most = Get-StateHash 'guard', 'watch'; own = Get-StateHash 'guard', 'watch', 'move' }
    Write-Whole ($folder + '\left.json') (ConvertTo-Json -Compress -Depth 4 -InputObject $left)
}

function Get-Left([string] $Name) {
    $path = $folder + '\left.json'
    if (-not [IO.File]::Exists($path)) { return '' }
    [string](Get-Field (ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($path))) $Name)
}

# The sum that an undo expects. Empty where something can't be read now: then nothing is undone by it.
function Get-AfterHash {
    try { Get-StateHash 'guard' } catch {
        [void]$problems.Add([ordered]@{ fact = 'after_hash'; message = Hide-Secret ($_.Exception.GetBaseException().Message); code = '' })
        ''
    }
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
        if ($Mode -eq 'apply') { try { Write-Left } catch { $null = $_ } }
        if ($result.state -eq 'failed') { break }
    }
    , $results.ToArray()
}

# One change at a time: the file is held while one runs; Windows lets go of it when its program ends.
function Enter-Change([int] $Seconds) {
    [void][IO.Directory]::CreateDirectory($root)
    $until = [DateTime]::UtcNow.AddSeconds($Seconds)
    while ($true) {
        try { return [IO.File]::Open($root + '\lock', 'OpenOrCreate', 'ReadWrite', 'None') } catch [IO.IOException] {
            if ([DateTime]::UtcNow -ge $until) { return }
        }
        Start-Sleep -Milliseconds 200
    }
}

# A scheduled task of SYSTEM that runs this script with the parameters in the folder; batteries and log-ons do not matter to it.
function Register-Own([string] $What, $Parameters, [int] $Minutes, $Trigger) {
    $script = $folder + '\' + $What + '.ps1'
    $told = $folder + '\' + $What + '.json'
    [IO.File]::WriteAllText($script, $ownText, $utf8)
    [IO.File]::WriteAllText($told, (ConvertTo-Json -Compress -Depth 20 -InputObject $Parameters), $utf8)
    $line = '-NoLogo -NoProfile -NonInteractive -ExecutionPolicy Bypass -File "' + $script + '" -ParameterFile "' + $told + '"'
    $limits = @{
        AllowStartIfOnBatteries = $true; DontStopIfGoingOnBatteries = $true; StartWhenAvailable = $true
        MultipleInstances = 'IgnoreNew'; ExecutionTimeLimit = [TimeSpan]::FromMinutes($Minutes)
    }
    $task = @{
        TaskName = 'Nodepane ' + $Id + ' ' + $What
        Action = New-ScheduledTaskAction -Execute 'powershell.exe' -Argument $line
        Principal = New-ScheduledTaskPrincipal -UserId 'SYSTEM' -RunLevel Highest
    }
    if ($null -ne $Trigger) {
        $task.Trigger = $Trigger
        # Windows takes a task away by itself only after the end of its trigger.
        if ($null -ne $Trigger.PSObject.Properties['EndBoundary']) {
            $Trigger.EndBoundary = [DateTime]::Now.AddDays(1).ToString('yyyy-MM-ddTHH:mm:ss')
            $limits.DeleteExpiredTaskAfter = [TimeSpan]::FromMinutes(1)
        }
    }
    $task.Settings = New-ScheduledTaskSettingsSet @limits
    [void](Register-ScheduledTask @task -Force)
    $task.TaskName
}

# Takes away our one-shot tasks whose work is over; never the one that runs this.
function Remove-Finished {
    try {
        foreach ($task in @(Get-ScheduledTask -ErrorAction SilentlyContinue)) {
            if ([string]$task.TaskName -notmatch '^Nodepane ([A-Za-z0-9-]{1,80}) (apply|undo|back)$') { continue }
            $place = $root + '\' + $Matches[1] + '\'
            $what = $Matches[2]
            if ($isTask -and $Matches[1] -eq $Id -and $what -eq $Mode) { continue }
            $isOver = [IO.File]::Exists($place + $what + '-result.json') -or [IO.File]::Exists($place + 'undone')
            if ($what -eq 'back') { $isOver = $isOver -or [IO.File]::Exists($place + 'kept') }
            if ($isOver) { Unregister-ScheduledTask -TaskName $task.TaskName -Confirm:$false }
        }
    } catch {
        [void]$problems.Add([ordered]@{ fact = 'tasks'; message = $_.Exception.GetBaseException().Message; code = '' })
    }
}

function Start-Detached {
    [void][IO.Directory]::CreateDirectory($folder)
    foreach ($path in $root, $folder) { Protect-Folder $path }
    $change = New-Change
    if ($Mode -eq 'apply' -and $BackMinutes) {
        $at = [DateTime]::UtcNow.AddMinutes($BackMinutes)
        $told = [ordered]@{ Mode = 'back'; Id = $Id; Steps = [object[]]@(); ExpectedHash = ''; At = $at.ToString('o') }
        [void](Register-Own 'back' $told 60 (New-ScheduledTaskTrigger -Once -At $at.ToLocalTime()))
        $change.back_at = $told.At
    }
    # Shorter than the time after which the change is undone: what hangs has ended by then.
    $name = Register-Own $Mode ([ordered]@{ Mode = $Mode; Id = $Id; Steps = [object[]]$Steps; ExpectedHash = $ExpectedHash }) 8
    $held.Dispose()
    Start-ScheduledTask -TaskName $name
    $change.detached = $true
    Write-Change $change
}

$ownText = [string]$MyInvocation.MyCommand.ScriptBlock
$record = $folder + '\record.json'

function Invoke-Rehearsal {
    $change = New-Change
    $change.steps = [object[]]@(foreach ($step in $Steps) { if ((Get-Field $step 'kind') -ne 'guard') { Get-Preview $step } })
    $change.state_hash = Get-StateHash
    Write-Change $change
}

# What going back needs: the old value, whether its service ran and what ran with it, keys that have to be made. Never the new value.
function Get-Kept($Step) {
    $kind = [string](Get-Field $Step 'kind')
    $state = Get-State $Step
    $runs = $null
    $ran = @()
    $made = ''
    if ($kind -eq 'service') {
        $runs = (Get-ServiceState ([string](Get-Field $Step 'name'))) -eq 'Running'
        $ran = @(Get-Dependent ([string](Get-Field $Step 'name')))
    }
    if ($kind -eq 'registry') { $made = Get-MissingKey ([string](Get-Field $Step 'key')) }
    if ($kind -eq 'watch') { foreach ($file in @(Get-Watched $Step)) { Copy-Exact $file (Get-KeptPath $file 'files') } }
    $bare = [ordered]@{}
    foreach ($field in 'id', 'kind', 'key', 'name', 'path', 'begins', 'action', 'process') {
        $value = Get-Field $Step $field
        if ($null -ne $value) { $bare[$field] = $value }
    }
    [ordered]@{ step = $bare; before = $state; runs = $runs; ran = [object[]]@($ran); made = $made }
}

function Invoke-Apply {
    if ([IO.File]::Exists($record) -or (-not $isTask -and [IO.File]::Exists($folder + '\apply.json'))) { return (Write-Refusal 'already-applied') }
    if ((Get-StateHash) -ne $ExpectedHash) {
        if ($isTask -and [IO.File]::Exists($folder + '\back.json')) { Unregister-ScheduledTask -TaskName ('Nodepane ' + $Id + ' back') -Confirm:$false }
        return (Write-Refusal 'state-moved')
    }
    if (-not $isTask) { Remove-Finished }
    if ($Detach -and -not $isTask) { return (Start-Detached) }
    [void][IO.Directory]::CreateDirectory($folder)
    foreach ($path in $root, $folder) { Protect-Folder $path }
    $working = @($Steps | Where-Object -FilterScript { (Get-Field $_ 'kind') -ne 'guard' })
    $kept = @(foreach ($step in $working) { Get-Kept $step })
    $text = ConvertTo-Json -Compress -Depth 20 -InputObject ([ordered]@{ id = $Id; kept = [object[]]$kept })
    Write-Whole $record $text
    if ([IO.File]::ReadAllText($record) -cne $text) { throw 'the backup does not read back' }
    Write-Left
    $change = New-Change
    $change.state_hash = $ExpectedHash
    $change.steps = Invoke-All $working {
        param($step)
        $changed = Invoke-Step $step
        if ([string](Get-Field $step 'kind') -eq 'task') { Invoke-Patiently $step { Start-NamedTask $step }; $changed = $true }
        $changed
    }
    $change.changed = [bool]@($change.steps | Where-Object -FilterScript { $_.changed }).Length
    $change.after_hash = Get-AfterHash
    Write-Change $change
}

function Undo-Registry($Kept) {
    $step = $Kept.step
    if ($Kept.before.present) { return (Set-Registry $step ([string]$Kept.before.type) ([string[]]@($Kept.before.value))) }
    $path = [string](Get-Field $step 'key')
    $key = $local.OpenSubKey($path, $true)
    if ($null -ne $key) {
        $key.DeleteValue([string](Get-Field $step 'name'), $false)
        $key.Flush()
        $key.Dispose()
    }
    Remove-MadeKey $path ([string]$Kept.made)
}

function Undo-File($Kept) {
    $path = [string](Get-Field $Kept.step 'path')
    $source = Get-KeptPath $path 'files'
    if ($Kept.before.present -and [IO.File]::Exists($source) -and (Get-Hash ([IO.File]::ReadAllBytes($source))) -ne [string]$Kept.before.hash) { throw ('the kept copy of ' + $path + ' was changed') }
    if ([IO.File]::Exists($path)) {
        if ($Kept.before.present -and -not [IO.File]::Exists($source)) { return }
        Move-Kept $path 'replaced'
    }
    if ($Kept.before.present) {
        [void][IO.Directory]::CreateDirectory([IO.Path]::GetDirectoryName($path))
        [IO.File]::Move($source, $path)
    }
}

function Undo-Watch($Kept) {
    $was = @{}
    foreach ($line in @($Kept.before.files)) {
        if ($line) { $was[([string]$line).Substring(0, ([string]$line).LastIndexOf(' '))] = ([string]$line).Substring(([string]$line).LastIndexOf(' ') + 1) }
    }
    foreach ($file in @(Get-Watched $Kept.step)) {
        if (-not $was.ContainsKey($file) -or (Get-Hash ([IO.File]::ReadAllBytes($file))) -ne $was[$file]) { Move-Kept $file 'replaced' }
    }
    foreach ($file in @($was.Keys)) {
        if (-not [IO.File]::Exists($file)) { Copy-Exact (Get-KeptPath $file 'files') $file }
    }
}

# A daemon that runs again writes its file anew some moments after its start: what stood there before has the last word.
function Restore-Watched($Watches, [DateTime] $Started) {
    $until = $Started.AddSeconds(15)
    foreach ($kept in @($Watches)) {
        do {
            $again = @(Get-Watched $kept.step | Where-Object -FilterScript { [IO.File]::GetLastWriteTimeUtc($_) -ge $Started })
            if (-not $again.Length) { Start-Sleep -Milliseconds 500 }
        } until ($again.Length -or [DateTime]::UtcNow -ge $until)
        [void](Undo-Watch $kept)
    }
}

function Undo-Service($Kept) {
    $name = [string](Get-Field $Kept.step 'name')
    # What did not run before may not be able to, with what stood there.
    if ([string](Get-Field $Kept.step 'action') -eq 'stop' -or -not $Kept.runs) { return (Stop-Whole $name) }
    if (-not $stoppedWith.ContainsKey($name)) { $stoppedWith[$name] = @() }
    $stoppedWith[$name] = @($stoppedWith[$name]) + @($Kept.ran)
    $started = [DateTime]::UtcNow
    Invoke-ServiceStep $Kept.step
    if ([string](Get-Field $Kept.step 'action') -eq 'restart') { Restore-Watched $watches $started }
}

function Undo-Step($Kept) {
    $step = $Kept.step
    switch ([string](Get-Field $step 'kind')) {
        'registry' { [void](Undo-Registry $Kept) }
        { $_ -eq 'move' -or $_ -eq 'write' } { [void](Undo-File $Kept) }
        'watch' { [void](Undo-Watch $Kept) }
        'task' {
            if (-not $Kept.before.present) { Unregister-ScheduledTask -TaskName ([string](Get-Field $step 'name')) -Confirm:$false }
            $waits = Get-Field $step 'process'
            if ($waits) { Stop-Named @{ name = [string]$waits } }
        }
        'service' { [void](Undo-Service $Kept) }
    }
    $true
}

# By a person (undo), who tells what the change left; or by time (back), when nobody came back to keep it.
function Invoke-Undo {
    if ($Mode -eq 'back') { Remove-Finished }
    if (-not [IO.File]::Exists($record)) { return (Write-Refusal 'nothing-kept') }
    if ([IO.File]::Exists($folder + '\undone')) {
        $byTime = [IO.File]::Exists($folder + '\went-back')
        return (Write-Refusal $(if ($byTime) { 'went-back' } else { 'already-undone' }))
    }
    if ($Mode -eq 'back' -and [IO.File]::Exists($folder + '\kept')) { return (Write-Refusal 'kept') }
    $all = @((ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($record))).kept)
    $Steps = @(foreach ($one in $all) { $one.step })
    if ($Mode -eq 'back') { $ExpectedHash = Get-Left 'most' }
    $isSame = $ExpectedHash -and (($Mode -ne 'back' -and (Get-StateHash) -eq $ExpectedHash) -or (Get-StateHash 'watch') -eq $ExpectedHash)
    if (-not $isSame) { return (Write-Refusal 'state-moved') }
    if (-not $isTask) { Remove-Finished }
    if ($Detach -and -not $isTask) { return (Start-Detached) }
    # First stop what must not run meanwhile, then put things back, last first, then start again.
    $stops = @($all | Where-Object -FilterScript { (Get-Field $_.step 'kind') -eq 'service' -and (Get-Field $_.step 'action') -eq 'stop' })
    $starts = @($all | Where-Object -FilterScript { (Get-Field $_.step 'kind') -eq 'service' -and (Get-Field $_.step 'action') -ne 'stop' })
    $things = @($all | Where-Object -FilterScript { @('service', 'process') -notcontains (Get-Field $_.step 'kind') })
    $watches = @($things | Where-Object -FilterScript { (Get-Field $_.step 'kind') -eq 'watch' })
    [Array]::Reverse($things)
    $change = New-Change
    $change.state_hash = $ExpectedHash
    $results = Invoke-All (@($stops) + @($things) + @($starts)) { param($kept) Undo-Step $kept }
    $change.steps = $results
    $change.changed = [bool]@($results | Where-Object -FilterScript { $_.changed }).Length
    if (-not @($results | Where-Object -FilterScript { $_.state -eq 'failed' }).Length) {
        if ($Mode -eq 'back') { [IO.File]::WriteAllText($folder + '\went-back', '', $utf8) }
        [IO.File]::WriteAllText($folder + '\undone', '', $utf8)
    }
    $change.after_hash = Get-AfterHash
    Remove-Finished
    Write-Change $change
}

# Whoever applied came back: the change stays, its tasks go. Tells what an undo will expect, now that the node has settled.
function Invoke-Keep {
    if (-not [IO.File]::Exists($record)) { return (Write-Refusal 'nothing-kept') }
    if ([IO.File]::Exists($folder + '\undone')) {
        Remove-Finished
        $byTime = [IO.File]::Exists($folder + '\went-back')
        return (Write-Refusal $(if ($byTime) { 'went-back' } else { 'already-undone' }))
    }
    [IO.File]::WriteAllText($folder + '\kept', '', $utf8)
    Remove-Finished
    $Steps = @(foreach ($one in @((ConvertFrom-Json -InputObject ([IO.File]::ReadAllText($record))).kept)) { $one.step })
    $change = New-Change
    $change.state_hash = Get-StateHash
    # Files may have come again by themselves; what the change wrote itself must still stand.
    if ((Get-StateHash 'watch', 'move') -eq (Get-Left 'own')) { $change.after_hash = $change.state_hash }
    Write-Change $change
}

if ($Mode -eq 'rehearse') {
    Invoke-Rehearsal
    return
}
$held = Enter-Change $(if ($Mode -eq 'back') { 900 } else { 60 })
if ($null -eq $held) {
    Write-Refusal 'busy'
    return
}
try {
    switch ($Mode) {
        'apply' { Invoke-Apply }
        'keep' { Invoke-Keep }
        default { Invoke-Undo }
    }
} finally {
    $held.Dispose()
}
