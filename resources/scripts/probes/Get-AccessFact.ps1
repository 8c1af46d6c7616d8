<#
.SYNOPSIS
Tells how this node gets at its API server: whether the servers of its kubeconfigs answer, and how long its certificates last.

.DESCRIPTION
Reads kubeconfigs, RKE2's file and kubelet's certificates, and opens and closes one TCP connection for each server, without any
proxy. Of a file only the address of the server and the dates of a certificate are told; a key is never decoded. Changes nothing.
Where a server does not answer, Windows gives up after 21 seconds: no more than three servers are asked.

.PARAMETER Kubeconfig
More kubeconfig files, as command lines name them.

.OUTPUTS
One JSON document: schema, script, facts (AccessFacts), problems.

.LINK
https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
#>
[CmdletBinding()]
param(
    [string[]] $Kubeconfig = @()
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

# The text of a file, or nothing where no file is there: a folder is none. Other trouble is thrown: unread is not absent.
function Read-LocalText([string] $Path) {
    $file = Read-FileFact $Path
    if ([IO.Directory]::Exists($file.path)) { return }
    if ($file.problem) { throw ('{0}: {1}' -f $file.path, $file.problem) }
    if (-not $file.present) { return }
    $stream = New-Object -TypeName IO.MemoryStream -ArgumentList (, [Convert]::FromBase64String($file.content))
    $reader = New-Object -TypeName IO.StreamReader -ArgumentList $stream
    $reader.ReadToEnd()
}

$rke2 = '\var\lib\rancher\rke2'
$kubeconfigs = @(
    '\k\config', '\k\flannel\kubeconfig.yml', '\etc\kubernetes\kubelet.conf', '\var\lib\kube-proxy\kubeconfig.conf',
    '\hpc\mounts\kubeconfig.conf', '\hpc\mounts\var\lib\kube-proxy\kubeconfig-win.conf', "$rke2\agent\kubelet.kubeconfig",
    "$rke2\agent\kubeproxy.kubeconfig", "$rke2\agent\flannel.kubeconfig"
)
$paths = @(Get-AskedPath $kubeconfigs $Kubeconfig)

# host:port of a server's address: https without a port is 443, an IPv6 address stands in brackets.
function Get-Endpoint([string] $Server) {
    $uri = [Uri]$(if ($Server -match '^\w+://') { $Server } else { "https://$Server" })
    [ordered]@{ host = $uri.DnsSafeHost; port = $uri.Port; target = '{0}:{1}' -f $uri.Host, $uri.Port }
}

Read-Fact -List -FactName servers -Question {
    $found = [ordered]@{}
    foreach ($path in @($paths) + @(Resolve-LocalPath '\etc\rancher\rke2\config.yaml')) {
        $text = Read-LocalText $path
        if (-not $text) { continue }
        foreach ($one in [regex]::Matches($text, '(?im)(?:^|[\s{,])["'']?server["'']?[ \t]*:[ \t]*["'']?((?:https?://)?[\w.:\[\]/@%*~-]+)')) {
            $end = Get-Endpoint $one.Groups[1].Value
            if (-not $found.Contains($end.target)) { $found[$end.target] = [ordered]@{ end = $end; paths = @() } }
            if ($found[$end.target].paths -notcontains $path) { $found[$end.target].paths += $path }
        }
    }
    foreach ($one in @($found.Values | Select-Object -First 3)) {
        $asked = @{ ComputerName = $one.end.host; Port = $one.end.port; InformationLevel = 'Quiet'; WarningAction = 'SilentlyContinue' }
        $reached = [bool](Test-NetConnection @asked)
        [ordered]@{ target = $one.end.target; paths = [string[]]$one.paths; reached = $reached }
    }
}

# The dates of the first certificate in a text. What else the text holds, a key for instance, is not looked at.
function Read-Certificate([string] $Source, [string] $Text) {
    $fact = [ordered]@{ source = $Source; not_before = $null; not_after = $null; problem = '' }
    try {
        $found = [regex]::Match($Text, '-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----')
        if (-not $found.Success) { throw 'no certificate in it' }
        $bytes = [Convert]::FromBase64String(($found.Groups[1].Value -replace '\s', ''))
        $certificate = New-Object -TypeName Security.Cryptography.X509Certificates.X509Certificate2 -ArgumentList (, $bytes)
        $fact.not_before = $certificate.NotBefore.ToUniversalTime().ToString('o')
        $fact.not_after = $certificate.NotAfter.ToUniversalTime().ToString('o')
    } catch {
        $fact.problem = $_.Exception.GetBaseException().Message
    }
    $fact
}

Read-Fact -List -FactName certificates -Question {
    $files = New-Object -TypeName System.Collections.ArrayList
    $pki = '\var\lib\kubelet\pki\kubelet-client-current.pem'
    foreach ($path in $pki, "$rke2\agent\client-kubelet.crt", "$rke2\agent\client-kube-proxy.crt") { [void]$files.Add((Resolve-LocalPath $path)) }
    foreach ($path in $paths) {
        $text = Read-LocalText $path
        if (-not $text) { continue }
        foreach ($one in [regex]::Matches($text, '(?im)(?:^|[\s{,])["'']?client-certificate["'']?[ \t]*:[ \t]*["'']?([^\s"'',}]+)')) {
            $named = $one.Groups[1].Value
            # A relative path is meant from the kubeconfig's own folder.
            if ($named -notmatch '^([A-Za-z]:|[\\/])') { $named = [IO.Path]::Combine([IO.Path]::GetDirectoryName($path), $named) }
            $named = Resolve-LocalPath $named
            if ($files -notcontains $named) { [void]$files.Add($named) }
        }
        foreach ($one in [regex]::Matches($text, '(?im)(?:^|[\s{,])["'']?client-certificate-data["'']?[ \t]*:[ \t]*["'']?([A-Za-z0-9+/=]+)')) {
            $pem = try { [Text.Encoding]::ASCII.GetString([Convert]::FromBase64String($one.Groups[1].Value)) } catch { '' }
            Read-Certificate $path $pem
        }
    }
    foreach ($path in $files) {
        $file = Read-FileFact $path
        if ($file.present -eq $false) { continue }
        if ($file.problem) {
            [ordered]@{ source = $path; not_before = $null; not_after = $null; problem = $file.problem }
        } else {
            Read-Certificate $path ([Text.Encoding]::ASCII.GetString([Convert]::FromBase64String($file.content)))
        }
    }
}

ConvertTo-Json -Compress -Depth 20 -InputObject ([ordered]@{
        schema = 1; script = 'Get-AccessFact'; facts = $facts; problems = [object[]]$problems.ToArray()
    })
