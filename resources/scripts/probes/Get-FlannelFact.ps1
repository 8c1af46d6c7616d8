<#
.SYNOPSIS
Reads flannel's files wherever a profile keeps them: subnet.env, net-conf.json, source VIP, reservations, and the end of
flanneld's and kube-proxy's logs.

.DESCRIPTION
Reads files only, as bytes, 256 KiB of each at most. Every asked place is answered, also where nothing is. Changes nothing.
Values that look like secrets are replaced by *** before anything is written.

.PARAMETER SubnetEnv
More places of subnet.env, as command lines name them.

.PARAMETER NetConf
More places of net-conf.json.

.PARAMETER SourceVip
More places of sourceVip.json; the request file is looked for beside it.

.PARAMETER Log
More places of flanneld's log.

.OUTPUTS
One JSON document: schema, script, facts (FlannelFacts), problems.

.LINK
https://github.com/flannel-io/flannel/blob/master/pkg/subnet/subnet.go
#>
[CmdletBinding()]
param(
    [string[]] $SubnetEnv = @(),
    [string[]] $NetConf = @(),
    [string[]] $SourceVip = @(),
    [string[]] $Log = @()
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

# At most 256 KiB of a file that others may write, move or delete meanwhile.
function Read-LocalFile([string] $Path) {
    $stream = [IO.File]::Open($Path, 'Open', 'Read', 'ReadWrite, Delete')
    try {
        $reader = New-Object -TypeName IO.BinaryReader -ArgumentList $stream
        $bytes = $reader.ReadBytes(262145)
    } finally {
        $stream.Dispose()
    }
    if ($bytes.Length -gt 262144) { throw 'too big' }
    , (Hide-ByteSecret $bytes)
}

function Read-FileFact([string] $Path) {
    $fact = [ordered]@{ path = $Path; present = $null; size_bytes = 0; modified = $null; content = ''; problem = '' }
    try {
        $fact.path = Resolve-LocalPath $Path
        $attributes = [IO.File]::GetAttributes($fact.path)
        $fact.present = $true
        if ($attributes -band [IO.FileAttributes]::Directory) { throw 'this is a folder' }
        $file = New-Object -TypeName IO.FileInfo -ArgumentList $fact.path
        $fact.size_bytes = $file.Length
        $fact.modified = $file.LastWriteTimeUtc.ToString('o')
        $fact.content = [Convert]::ToBase64String((Read-LocalFile $fact.path))
    } catch {
        $cause = $_.Exception.GetBaseException()
        if ($cause -is [IO.FileNotFoundException] -or $cause -is [IO.DirectoryNotFoundException]) {
            $fact.present = $false
        } else {
            $fact.problem = $cause.Message
        }
    }
    $fact
}

# host-local's names are addresses; on Windows a colon of IPv6 became an underscore. Its other files are no addresses.
function Get-ReservedAddress([string] $FileName) {
    $address = $null
    $text = $FileName.Replace('_', ':')
    if ($text -match '[.:]' -and [Net.IPAddress]::TryParse($text, [ref]$address)) { $text }
}

# The last lines of a file that may be big: only its end is read.
function Read-LogEnd([string] $Path, [int] $Count) {
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
    foreach ($line in @($lines | Where-Object { $_.Trim() } | Select-Object -Last $Count)) {
        if ($line.Length -gt 1000) { $line = $line.Substring(0, 1000) }
        Hide-LineSecret $line
    }
}

$agent = '\var\lib\rancher\rke2\agent'
$vips = @(Get-AskedPath @('\k\sourceVip.json', '\sourcevip\sourceVip.json') $SourceVip)

Read-Fact -List -FactName subnet_env -Question {
    foreach ($path in @(Get-AskedPath @('\run\flannel\subnet.env') $SubnetEnv)) { Read-FileFact $path }
}

Read-Fact -List -FactName net_conf -Question {
    foreach ($path in @(Get-AskedPath @('\etc\kube-flannel\net-conf.json', '\k\net-conf.json', "$agent\flanneld-net-conf.json") $NetConf)) {
        Read-FileFact $path
    }
}

Read-Fact -List -FactName source_vip -Question { foreach ($path in $vips) { Read-FileFact $path } }

Read-Fact -List -FactName source_vip_request -Question {
    foreach ($path in $vips) { Read-FileFact (($path -replace '(?i)\.json$', '') + 'Request.json') }
}

Read-Fact -List -FactName reservations -Question {
    $root = Resolve-LocalPath '\var\lib\cni\networks'
    $folders = @()
    try {
        $folders = [IO.Directory]::GetDirectories($root)
    } catch [IO.DirectoryNotFoundException] {
        return
    }
    [Array]::Sort($folders, [StringComparer]::Ordinal)
    $count = 0
    foreach ($folder in $folders) {
        $paths = [IO.Directory]::GetFiles($folder)
        [Array]::Sort($paths, [StringComparer]::Ordinal)
        foreach ($path in $paths) {
            $address = Get-ReservedAddress ([IO.Path]::GetFileName($path))
            if (-not $address) { continue }
            $count++
            if ($count -gt 1024) { return }
            $stream = $null
            $text = ''
            try {
                $stream = [IO.File]::Open($path, 'Open', 'Read', 'ReadWrite, Delete')
                $reader = New-Object -TypeName IO.StreamReader -ArgumentList $stream
                $buffer = New-Object -TypeName 'char[]' -ArgumentList 256
                $text = New-Object -TypeName string -ArgumentList $buffer, 0, $reader.ReadBlock($buffer, 0, 256)
            } catch [IO.FileNotFoundException] {
                # Given back meanwhile: no longer reserved.
                continue
            } finally {
                if ($null -ne $stream) { $stream.Dispose() }
            }
            [ordered]@{
                network = [IO.Path]::GetFileName($folder)
                address = $address
                path = $path
                content = $text
                modified = [IO.File]::GetLastWriteTimeUtc($path).ToString('o')
            }
        }
    }
}

# Where a daemon's log may be: known places, what NSSM was told, and where kubelet keeps the logs of HostProcess pods.
function Get-LogPlace([string[]] $Known, [string[]] $ServiceName, [string] $Pod) {
    $Known
    $local = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64')
    foreach ($name in $ServiceName) {
        $key = $local.OpenSubKey("SYSTEM\CurrentControlSet\Services\$name\Parameters")
        if ($null -ne $key) { [string]$key.GetValue('AppStderr'); [string]$key.GetValue('AppStdout') }
    }
    $pods = Resolve-LocalPath '\var\log\pods'
    if ([IO.Directory]::Exists($pods)) {
        foreach ($folder in @([IO.Directory]::GetDirectories($pods, $Pod) | Select-Object -First 16)) {
            [IO.Directory]::GetFiles($folder, '*.log', 'AllDirectories')
        }
    }
}

# The end of the newest of some files.
function Read-NewestLog([string[]] $Path) {
    $newest = $null
    foreach ($one in $Path) {
        if (-not [IO.File]::Exists($one)) { continue }
        $file = New-Object -TypeName IO.FileInfo -ArgumentList $one
        if ($null -eq $newest -or $file.LastWriteTimeUtc -gt $newest.LastWriteTimeUtc) { $newest = $file }
    }
    if ($null -ne $newest) { Read-LogEnd $newest.FullName 40 }
}

Read-Fact -List -FactName flanneld_log -Question {
    $known = '\k\flanneld.log', '\k\logs\flanneld\flanneldsvc.log', '\var\log\flanneld\flanneld.log', "$agent\logs\flanneld.log"
    Read-NewestLog (Get-AskedPath (Get-LogPlace $known 'flanneld' '*kube-flannel*') $Log)
}

Read-Fact -List -FactName kube_proxy_log -Question {
    $known = @('\k\kube-proxy.log', '\k\kubeproxy.log', '\k\kubeproxy.err.log', '\k\logs\kube-proxy\kubproxysvc.log', "$agent\logs\kube-proxy.log")
    $folder = Resolve-LocalPath '\k'
    # klog names its files by program, host, account, level, time and process.
    if ([IO.Directory]::Exists($folder)) { $known += @([IO.Directory]::GetFiles($folder, 'kube-proxy.exe.*.log.*') | Select-Object -Last 64) }
    Read-NewestLog (Get-AskedPath (Get-LogPlace $known ('kube-proxy', 'Kubeproxy') '*kube-proxy*') @())
}

ConvertTo-Json -Compress -Depth 20 -InputObject ([ordered]@{
        schema = 1; script = 'Get-FlannelFact'; facts = $facts; problems = [object[]]$problems.ToArray()
    })
