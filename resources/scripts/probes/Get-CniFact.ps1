<#
.SYNOPSIS
Reads the CNI configuration: the folders in which runtimes look for it, the files in them, and which plugins are there.

.DESCRIPTION
Reads files only, as bytes, 256 KiB of each and 64 of a folder at most. Changes nothing. Values that look like secrets are
replaced by *** before anything is written. Order and endings are those of the library that runtimes read them with.

.PARAMETER Folder
More folders, as command lines or containerd's configuration name them.

.PARAMETER ProgramFolder
More folders of plugins, named in the same places. Only the names of programs in them are told.

.OUTPUTS
One JSON document: schema, script, facts (CniFacts), problems.

.LINK
https://github.com/containernetworking/cni/blob/main/libcni/conf.go
#>
[CmdletBinding()]
param(
    [string[]] $Folder = @(),
    [string[]] $ProgramFolder = @()
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

function Read-FolderFact([string] $Path) {
    $fact = [ordered]@{ path = $Path; present = $null; files = [object[]]@(); problem = '' }
    try {
        $fact.path = Resolve-LocalPath $Path
        # Go compares endings with case, and so do we.
        $paths = [string[]]@([IO.Directory]::GetFiles($fact.path) | Where-Object { @('.conf', '.conflist', '.json') -ccontains [IO.Path]::GetExtension($_) })
        $fact.present = $true
        [Array]::Sort($paths, [StringComparer]::Ordinal)
        # The first one counts: of very many, those at the end do not matter.
        $fact.files = [object[]]@(foreach ($one in @($paths | Select-Object -First 64)) { Read-FileFact $one })
    } catch {
        $cause = $_.Exception.GetBaseException()
        if ($cause -is [IO.DirectoryNotFoundException]) { $fact.present = $false } else { $fact.problem = $cause.Message }
    }
    $fact
}

Read-Fact -List -FactName folders -Question {
    $programs = if ($env:ProgramW6432) { $env:ProgramW6432 } else { $env:ProgramFiles }
    $places = '\k\cni\config', '\etc\cni\net.d', '\var\lib\rancher\rke2\agent\etc\cni', "$programs\containerd\cni\conf", '\k\azurecni\netconf'
    foreach ($path in @(Get-AskedPath $places $Folder)) { Read-FolderFact $path }
}

Read-Fact -List -FactName plugins -Question {
    $programs = if ($env:ProgramW6432) { $env:ProgramW6432 } else { $env:ProgramFiles }
    $places = '\k\cni', '\opt\cni\bin', '\var\lib\rancher\rke2\bin', "$programs\containerd\cni\bin", '\k\azurecni\bin'
    foreach ($path in @(Get-AskedPath $places $ProgramFolder)) {
        $fact = [ordered]@{ path = $path; present = $null; programs = [object[]]@(); problem = '' }
        try {
            $fact.path = Resolve-LocalPath $path
            $found = [string[]]@([IO.Directory]::GetFiles($fact.path, '*.exe') | ForEach-Object { [IO.Path]::GetFileName($_) })
            $fact.present = $true
            [Array]::Sort($found, [StringComparer]::OrdinalIgnoreCase)
            $fact.programs = [object[]]@($found | Select-Object -First 256)
        } catch {
            $cause = $_.Exception.GetBaseException()
            if ($cause -is [IO.DirectoryNotFoundException]) { $fact.present = $false } else { $fact.problem = $cause.Message }
        }
        $fact
    }
}

ConvertTo-Json -Compress -Depth 20 -InputObject ([ordered]@{
        schema = 1; script = 'Get-CniFact'; facts = $facts; problems = [object[]]$problems.ToArray()
    })
