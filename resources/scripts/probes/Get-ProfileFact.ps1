<#
.SYNOPSIS
Tells how this node was set up: known paths and pipes that are there, API servers, RKE2's settings, and the configuration
files of containerd, kubelet and kube-proxy.

.DESCRIPTION
Reads files only. Of a kubeconfig only the value of server: is told, of RKE2's file only server, node-name and pause-image.
Secrets in configuration files are replaced by *** before anything is written. Changes nothing.

.PARAMETER Kubeconfig
More kubeconfig files, as command lines name them.

.PARAMETER ContainerdConfig
More places of containerd's configuration, as command lines and its own imports name them; file names may hold * and ?.

.PARAMETER KubeletConfig
More places of kubelet's configuration: files, and folders of drop-in files.

.PARAMETER KubeProxyConfig
More places of kube-proxy's configuration.

.OUTPUTS
One JSON document: schema, script, facts (ProfileFacts), problems.

.LINK
https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/
#>
[CmdletBinding()]
param(
    [string[]] $Kubeconfig = @(),
    [string[]] $ContainerdConfig = @(),
    [string[]] $KubeletConfig = @(),
    [string[]] $KubeProxyConfig = @()
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

$programs = if ($env:ProgramW6432) { $env:ProgramW6432 } else { $env:ProgramFiles }
$rke2 = '\var\lib\rancher\rke2'

Read-Fact -List -FactName present_paths -Question {
    $places = @(
        '\k\start.ps1', '\k\helper.psm1', '\k\hns.psm1', '\k\nssm.exe', '\k\StartKubelet.ps1', '\k\kubeclusterconfig.json',
        '\k\kubeletstart.ps1', '\k\kubeproxystart.ps1', '\k\azurecni', '\k\kubelet.exe', '\k\kube-proxy.exe', '\k\flannel',
        '\flannel\flanneld.exe', '\hpc', '\sourcevip', '\var\lib\kubelet\config.yaml', '\etc\kubernetes\kubelet.conf',
        '\etc\cni\net.d\10-flannel.conf', "$programs\nssm\nssm.exe", "$programs\containerd\containerd.exe",
        "$programs\docker\dockerd.exe", '\etc\rancher\rke2\config.yaml', '\usr\local\bin\rke2.exe', "$rke2\bin",
        "$rke2\agent\etc\cni\07-flannel.conflist", "$rke2\agent\etc\cni\10-calico.conf", "$rke2\agent\etc\cni\10-calico.conflist",
        '\etc\cni\net.d\10-calico.conf', '\etc\cni\net.d\10-calico.conflist', '\CalicoWindows'
    )
    foreach ($path in @(Get-AskedPath $places @())) {
        try {
            [void][IO.File]::GetAttributes($path)
            $path
        } catch [IO.FileNotFoundException] {
            continue
        } catch [IO.DirectoryNotFoundException] {
            continue
        }
    }
}

Read-Fact -List -FactName pipes -Question {
    # Listed, never opened: opening one would take a connection of its server.
    foreach ($name in 'rancher_wins', 'containerd-containerd', 'docker_engine') {
        if (@([IO.Directory]::GetFiles('\\.\pipe\', $name)).Length) { $name }
    }
}

Read-Fact -List -FactName api_servers -Question {
    $places = @(
        '\k\config', '\k\bootstrap-config', '\k\flannel\kubeconfig.yml', '\etc\kubernetes\kubelet.conf',
        '\etc\kubernetes\bootstrap-kubelet.conf', '\var\lib\kube-proxy\kubeconfig.conf', '\hpc\mounts\kubeconfig.conf',
        '\hpc\mounts\var\lib\kube-proxy\kubeconfig-win.conf', "$rke2\agent\kubelet.kubeconfig",
        "$rke2\agent\kubeproxy.kubeconfig", "$rke2\agent\flannel.kubeconfig"
    )
    foreach ($path in @(Get-AskedPath $places $Kubeconfig)) {
        $text = Read-LocalText $path
        if (-not $text) { continue }
        $found = [regex]::Matches($text, '(?im)(?:^|[\s{,])["'']?server["'']?[ \t]*:[ \t]*["'']?((?:https?://)?[\w.:\[\]/@%*~-]+)')
        $seen = @{}
        foreach ($one in $found) {
            $server = $one.Groups[1].Value
            if (-not $seen.ContainsKey($server)) {
                $seen[$server] = $true
                [ordered]@{ path = $path; server = $server }
            }
        }
    }
}

Read-Fact -List -FactName rke2_settings -Question {
    $places = @(Resolve-LocalPath '\etc\rancher\rke2\config.yaml')
    $more = Resolve-LocalPath '\etc\rancher\rke2\config.yaml.d'
    if ([IO.Directory]::Exists($more)) {
        $paths = [string[]]@([IO.Directory]::GetFiles($more, '*.yaml'))
        [Array]::Sort($paths, [StringComparer]::Ordinal)
        $places += @($paths | Select-Object -First 32)
    }
    # The last file that names a setting wins, as in RKE2.
    $settings = [ordered]@{}
    foreach ($path in $places) {
        $text = Read-LocalText $path
        if (-not $text) { continue }
        foreach ($one in [regex]::Matches($text, '(?m)^["'']?(server|node-name|pause-image)["'']?[ \t]*:[ \t]*["'']?([\w.:\[\]/@%*~-]+)')) {
            $settings[$one.Groups[1].Value] = $one.Groups[2].Value
        }
    }
    foreach ($name in $settings.Keys) { [ordered]@{ name = $name; value = $settings[$name] } }
}

Read-Fact -List -FactName containerd_config -Question {
    $places = @("$programs\containerd\config.toml", "$rke2\agent\etc\containerd\config.toml")
    foreach ($pattern in @("$programs\containerd\conf.d\*.toml") + @($ContainerdConfig | Where-Object { $_ })) {
        if ($pattern -notmatch '[*?]') { $places += $pattern; continue }
        try {
            $folder = Resolve-LocalPath ($pattern -replace '[^\\/]*$', '')
            $paths = [string[]]@([IO.Directory]::GetFiles($folder, ($pattern -replace '^.*[\\/]', '')))
        } catch [IO.DirectoryNotFoundException] {
            continue
        } catch {
            # No pattern that can be looked up: told as a file that can't be read.
            $places += $pattern
            continue
        }
        [Array]::Sort($paths, [StringComparer]::Ordinal)
        $places += @($paths | Select-Object -First 32)
    }
    foreach ($path in @(Get-AskedPath $places @())) { Read-FileFact $path }
}

Read-Fact -List -FactName kubelet_config -Question {
    $places = '\var\lib\kubelet\config.yaml', '\k\kubeclusterconfig.json', "$rke2\agent\etc\kubelet.conf.d"
    foreach ($path in @(Get-AskedPath $places $KubeletConfig)) {
        if (-not [IO.Directory]::Exists($path)) { Read-FileFact $path; continue }
        # kubelet takes drop-in files in the order of their names, the last one wins.
        $paths = [string[]]@([IO.Directory]::GetFiles($path) | Where-Object { [IO.Path]::GetExtension($_) -ceq '.conf' })
        [Array]::Sort($paths, [StringComparer]::Ordinal)
        foreach ($one in @($paths | Select-Object -First 32)) { Read-FileFact $one }
    }
}

Read-Fact -List -FactName kube_proxy_config -Question {
    $places = '\var\lib\kube-proxy\config.conf', '\hpc\mounts\var\lib\kube-proxy\config.conf', '\hpc\mounts\config.conf'
    foreach ($path in @(Get-AskedPath $places $KubeProxyConfig)) { Read-FileFact $path }
}

ConvertTo-Json -Compress -Depth 20 -InputObject ([ordered]@{
        schema = 1; script = 'Get-ProfileFact'; facts = $facts; problems = [object[]]$problems.ToArray()
    })
