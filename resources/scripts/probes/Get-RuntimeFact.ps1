<#
.SYNOPSIS
Asks the node's programs what they are and what the container runtime says of itself; reads the end of kubelet's log.

.DESCRIPTION
Runs kubelet, kube-proxy, flanneld and containerd with --version, and crictl with info, pods and images, each from where it runs or is set to run,
all at once and never longer than the time limit together. What they print is told as text, 256 KiB of it at most; secrets
in it are replaced by *** before anything is written. Changes nothing.

.PARAMETER Image
Images whose local copy crictl is asked for, as the runtime's configuration names them.

.PARAMETER Seconds
How long all programs may take together.

.OUTPUTS
One JSON document: schema, script, facts (RuntimeFacts), problems.

.LINK
https://github.com/kubernetes-sigs/cri-tools/blob/master/docs/crictl.md
#>
[CmdletBinding()]
param(
    [ValidateCount(0, 4)] [ValidatePattern('^[A-Za-z0-9][A-Za-z0-9._:/@-]{0,254}$')] [string[]] $Image = @(),
    [ValidateRange(1, 60)] [int] $Seconds = 30
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

# A daemon's path without a drive is on the drive it runs from: the system's. Other computers are not asked.
function Resolve-LocalPath([string] $Path) {
    $full = [Environment]::ExpandEnvironmentVariables($Path.Trim().Trim('"')).Replace('/', '\')
    if ($full.StartsWith('\') -and -not $full.StartsWith('\\')) { $full = $env:SystemDrive + $full }
    if ($full -notmatch '^[A-Za-z]:\\') { throw 'this is no full path on this computer' }
    [IO.Path]::GetFullPath($full)
}

# The asked paths, made full, each once. One that can't be made full stays as it was told.
function Get-AskedPath([string[]] $Default, [string[]] $More) {
    $seen = @{}
    foreach ($path in @($Default) + @($More)) {
        if (-not $path) { continue }
        $full = try { Resolve-LocalPath $path } catch { $path }
        if (-not $seen.ContainsKey($full)) { $seen[$full] = $true; $full }
    }
}

# The bytes of a file with secrets in it replaced by ***: nothing else moves, marks and encoding stay as they are.
function Hide-ByteSecret([byte[]] $Bytes) {
    $coding = [Text.Encoding]::GetEncoding(28591)
    if ($Bytes.Length -ge 2 -and $Bytes[0] -ne 0 -and ($Bytes[1] -eq 0 -or ($Bytes[0] -eq 0xFF -and $Bytes[1] -eq 0xFE))) { $coding = [Text.Encoding]::Unicode }
    if ($Bytes.Length -ge 2 -and $Bytes[1] -ne 0 -and ($Bytes[0] -eq 0 -or ($Bytes[0] -eq 0xFE -and $Bytes[1] -eq 0xFF))) { $coding = [Text.Encoding]::BigEndianUnicode }
    $text = $coding.GetString($Bytes)
    if ($text.Contains([string][char]0)) { throw 'the file holds zero bytes: it is no text' }
    $name = '(?<![\w.-])["'']?[\w.-]*(?:auth|author[Ii]zat[Ii]on|passw(?:or)?d|token|secret|ap[Ii]-?key|key-data)["'']?[ \t]*[=:][ \t]*'
    $value = '(?:"""[\s\S]*?"""|''''''[\s\S]*?''''''|\[[^\]]*\]|"(?:\\.|[^"\\\r\n])*"?|''[^''\r\n]*''?|[^\s,\]}{\["''][^\s,\]}]*)'
    $hidden = [regex]::Replace($text, "(?i)($name)$value", '$1"***"')
    $hidden = [regex]::Replace($hidden, '(://[^:\s"'']*:)[^\s"'']+@', '$1***@')
    if ($hidden -ceq $text) { return , $Bytes }
    , $coding.GetBytes($hidden)
}

# Text of a program without secrets; JSON inside of JSON, as crictl quotes CNI files, has its quotes escaped.
function Hide-TextSecret([string] $Text) {
    $coding = New-Object -TypeName Text.UTF8Encoding -ArgumentList $false
    $bytes = $coding.GetBytes($Text.Replace([string][char]0, ''))
    $text = if ($bytes.Length) { $coding.GetString((Hide-ByteSecret $bytes)) } else { '' }
    $name = '(?:auth|author[Ii]zat[Ii]on|passw(?:or)?d|token|secret|ap[Ii]-?key|key-data)'
    [regex]::Replace($text, "(?i)(\\+`"[\w.-]*$name\\+`"\s*:\s*)\\+`"[^`"]*?\\+`"", '$1\"***\"')
}

# The last errors of a log that may be big: only its end is read.
function Read-LogError([string] $Path, [int] $Count) {
    $stream = [IO.File]::Open($Path, 'Open', 'Read', 'ReadWrite, Delete')
    try {
        $reader = New-Object -TypeName IO.BinaryReader -ArgumentList $stream
        $start = $reader.ReadBytes(2)
        $from = [Math]::Max([long]0, $stream.Length - 65536)
        $from = $from - $from % 2
        $stream.Position = $from
        $bytes = $reader.ReadBytes(65536)
    } finally {
        $stream.Dispose()
    }
    $coding = [Text.Encoding]::UTF8
    if ($start.Length -eq 2 -and $start[0] -eq 0xFF -and $start[1] -eq 0xFE) { $coding = [Text.Encoding]::Unicode }
    if ($start.Length -eq 2 -and $start[0] -eq 0xFE -and $start[1] -eq 0xFF) { $coding = [Text.Encoding]::BigEndianUnicode }
    $lines = @($coding.GetString($bytes).TrimStart([char]0xFEFF) -split '\r?\n')
    if ($from -gt 0) { $lines = @($lines | Select-Object -Skip 1) }
    # Errors alone: of what a chatty kubelet says, they are what tells why pods do not start.
    $telling = '^\s*[EF]\d{4} |^(?:Error|"command failed")|unknown flag|unrecognized feature gate|wincat|FailedCreatePodSandBox|0x[cC]0370101'
    foreach ($line in @($lines | Where-Object { $_ -match $telling } | Select-Object -Last $Count)) {
        if ($line.Length -gt 1000) { $line = $line.Substring(0, 1000) }
        Hide-LineSecret $line
    }
}

# Where a program is: where it runs, where a service starts it, or where it usually lies. An empty text: nowhere.
# Nothing is run from another computer.
function Find-Program([string] $Name, [string[]] $Place, $Running, $Services) {
    $files = "$Name.exe", "rancher-wins-$Name.exe"
    foreach ($process in $Running) {
        if ($files -contains [string]$process.Name -and [string]$process.ExecutablePath -match '^[A-Za-z]:\\') { return [string]$process.ExecutablePath }
    }
    foreach ($service in $Services) {
        if ($service -match '^\s*"([^"]+)"' -or $service -match '(?i)^\s*(.+?\.exe)(?:\s|$)') {
            $path = $Matches[1]
            $isHere = $path -match '^[A-Za-z]:\\' -and [IO.File]::Exists($path)
            if ($isHere -and $files -contains [IO.Path]::GetFileName($path)) { return $path }
        }
    }
    foreach ($path in @(Get-AskedPath $Place @())) {
        if ([IO.File]::Exists($path)) { return $path }
    }
    ''
}

# Programs and lines that services of Kubernetes and its runtime start, NSSM's included.
function Get-ServiceLine {
    $local = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64')
    foreach ($name in 'kubelet', 'kube-proxy', 'kubeproxy', 'flanneld', 'containerd', 'rke2') {
        foreach ($place in "SYSTEM\CurrentControlSet\Services\$name\Parameters", "SYSTEM\CurrentControlSet\Services\$name") {
            $key = $local.OpenSubKey($place)
            if ($null -eq $key) { continue }
            $value = if ($place.EndsWith('Parameters')) { 'Application' } else { 'ImagePath' }
            $line = [Environment]::ExpandEnvironmentVariables([string]$key.GetValue($value))
            if ($value -eq 'Application' -and $line -and -not $line.StartsWith('"')) { $line = '"' + $line + '"' }
            if ($line) { $line }
        }
    }
}

# Runs in a runspace of its own, so that a program that hangs can be given up. No commands are there, only the language.
$asking = {
    param($Path, $Words)
    $ErrorActionPreference = 'Continue'
    $output = @()
    $errors = @()
    foreach ($line in @(& $Path $Words 2>&1)) {
        if ($line -is [Management.Automation.ErrorRecord]) { $errors += [string]$line } else { $output += [string]$line }
    }
    [pscustomobject]@{ code = $LASTEXITCODE; output = ($output -join "`n").TrimEnd(); errors = ($errors -join "`n").TrimEnd() }
}

$programs = if ($env:ProgramW6432) { $env:ProgramW6432 } else { $env:ProgramFiles }
$rke2 = '\var\lib\rancher\rke2'

Read-Fact -List -FactName programs -Question {
    $filter = @(foreach ($one in 'kubelet', 'kube-proxy', 'flanneld', 'containerd') { "Name='$one.exe' OR Name='rancher-wins-$one.exe'" }) -join ' OR '
    $running = @(Get-CimInstance -ClassName Win32_Process -Filter $filter -OperationTimeoutSec 20)
    $services = @(Get-ServiceLine)
    $places = [ordered]@{
        'kubelet' = '\k\kubelet.exe', "$rke2\bin\kubelet.exe"
        'kube-proxy' = '\k\kube-proxy.exe', '\k\kube-proxy\kube-proxy.exe', "$rke2\bin\kube-proxy.exe"
        'flanneld' = '\flannel\flanneld.exe', '\k\flannel\flanneld.exe', "$rke2\bin\flanneld.exe"
        'containerd' = "$programs\containerd\containerd.exe", "$rke2\bin\containerd.exe"
    }
    $asked = New-Object -TypeName System.Collections.ArrayList
    foreach ($name in $places.Keys) {
        [void]$asked.Add(@{ name = $name; path = (Find-Program $name $places[$name] $running $services); words = @('--version') })
    }
    $crictl = Find-Program 'crictl' @("$programs\containerd\crictl.exe", '\k\crictl.exe', '\usr\local\bin\crictl.exe', "$rke2\bin\crictl.exe") @() @()
    [void]$asked.Add(@{ name = 'crictl'; path = $crictl; words = @('info') })
    [void]$asked.Add(@{ name = 'crictl'; path = $crictl; words = @('pods', '--state', 'ready') })
    [void]$asked.Add(@{ name = 'crictl'; path = $crictl; words = @('images') })
    foreach ($one in $Image) { [void]$asked.Add(@{ name = 'crictl'; path = $crictl; words = @('inspecti', '-o', 'json', $one) }) }

    $initial = [Management.Automation.Runspaces.InitialSessionState]::CreateDefault2()
    $pool = [RunspaceFactory]::CreateRunspacePool(1, 4, $initial, $Host)
    $pool.Open()
    $watch = [Diagnostics.Stopwatch]::StartNew()
    foreach ($one in $asked) {
        if (-not $one.path) { continue }
        $one.shell = [PowerShell]::Create()
        $one.shell.RunspacePool = $pool
        [void]$one.shell.AddScript($asking.ToString()).AddArgument($one.path).AddArgument([string[]]$one.words)
        $one.answer = $one.shell.BeginInvoke()
    }
    $isLate = $false
    foreach ($one in $asked) {
        $fact = [ordered]@{ name = $one.name; path = $one.path; arguments = ($one.words -join ' '); exit_code = $null; output = ''; errors = ''; problem = '' }
        if ($one.path) {
            try {
                $left = [int][Math]::Max(0, $Seconds * 1000 - $watch.ElapsedMilliseconds)
                if (-not $one.answer.AsyncWaitHandle.WaitOne($left)) {
                    $isLate = $true
                    [void]$one.shell.BeginStop($null, $null)
                    throw "it did not end within $Seconds seconds"
                }
                $said = @($one.shell.EndInvoke($one.answer))[0]
                if ($null -eq $said -or $null -eq $said.code) { throw "it did not run: $(@($one.shell.Streams.Error)[0])" }
                if ($said.output.Length -gt 262144) { throw 'it said too much' }
                $fact.exit_code = [int]$said.code
                $fact.output = Hide-TextSecret $said.output
                $fact.errors = Hide-TextSecret ($said.errors.Substring(0, [Math]::Min(2000, $said.errors.Length)))
            } catch {
                $fact.problem = $_.Exception.GetBaseException().Message
            }
        }
        $fact
    }
    # One that hangs is left to end by itself: waiting for it here would hang too.
    if (-not $isLate) { $pool.Dispose() }
}

Read-Fact -List -FactName kubelet_log -Question {
    $agent = "$rke2\agent"
    $places = @('\var\log\kubelet\kubelet.err.log', '\var\log\kubelet\kubelet.out.log', '\k\kubelet.err.log', '\k\kubelet.log',
        '\k\logs\kubelet\kubeletsvc.log', "$agent\logs\kubelet.log")
    $local = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64')
    $key = $local.OpenSubKey('SYSTEM\CurrentControlSet\Services\kubelet\Parameters')
    if ($null -ne $key) { $places += @([string]$key.GetValue('AppStderr'), [string]$key.GetValue('AppStdout')) }
    foreach ($folder in '\k', '\var\log\kubelet') {
        $full = Resolve-LocalPath $folder
        if ([IO.Directory]::Exists($full)) { $places += [IO.Directory]::GetFiles($full, 'kubelet.exe.*.log.*') }
    }
    $newest = $null
    foreach ($path in @(Get-AskedPath $places @())) {
        if (-not [IO.File]::Exists($path)) { continue }
        $file = New-Object -TypeName IO.FileInfo -ArgumentList $path
        # Of several, the last that holds anything.
        if ($file.Length -and ($null -eq $newest -or $file.LastWriteTimeUtc -gt $newest.LastWriteTimeUtc)) { $newest = $file }
    }
    if ($null -ne $newest) { Read-LogError $newest.FullName 40 }
}

ConvertTo-Json -Compress -Depth 20 -InputObject ([ordered]@{
        schema = 1; script = 'Get-RuntimeFact'; facts = $facts; problems = [object[]]$problems.ToArray()
    })
