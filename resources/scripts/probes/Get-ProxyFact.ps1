<#
.SYNOPSIS
Tells whether the proxy that the container runtime is given answers this node.

.DESCRIPTION
Reads the proxy's address where it stands in the registry and asks it for another computer as containerd would: with the
kubectl.exe of the node, whose rules for proxies are Go's as well, without any kubeconfig, account or cache. Where kubectl.exe is
not here or got no word, one TCP connection to the proxy is opened and closed. May take half a minute where nothing answers: asked
only where a proxy is set. The address leaves the node as host and port alone. Changes nothing.

.PARAMETER Source
Where the variable stands: a key of HKLM, and behind the last backslash the value's name.

.PARAMETER Name
The variable's name, for a value that holds NAME=value lines.

.PARAMETER Target
Name of the other computer, a registry for instance.

.PARAMETER Port
Its TCP port.

.PARAMETER Kubectl
Where kubectl.exe is: then no known place is looked at.

.OUTPUTS
One JSON document: schema, script, facts (ProxyFacts), problems.

.LINK
https://pkg.go.dev/golang.org/x/net/http/httpproxy#FromEnvironment
#>
[CmdletBinding()]
param(
    [Parameter(Mandatory = $true)] [ValidatePattern('^HKLM\\SYSTEM\\CurrentControlSet\\')] [string] $Source,
    [Parameter(Mandatory = $true)] [ValidatePattern('^\w+$')] [string] $Name,
    [Parameter(Mandatory = $true)] [ValidatePattern('^[A-Za-z0-9][A-Za-z0-9.-]*$')] [string] $Target,
    [ValidateRange(1, 65535)] [int] $Port = 443,
    [string[]] $Kubectl = @()
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

# The variable as the registry holds it now: the last NAME=value line, or the value itself.
function Read-Variable {
    $at = $Source.LastIndexOf('\')
    $local = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64')
    $key = $local.OpenSubKey($Source.Substring(5, $at - 5))
    $held = $null
    if ($null -ne $key) { $held = $key.GetValue($Source.Substring($at + 1)) }
    $value = ''
    if ($held -is [string]) { $value = $held }
    if ($held -is [array]) {
        foreach ($line in $held) {
            $parts = $line.Split([char[]]'=', 2)
            if ($parts.Length -eq 2 -and $parts[0].Trim() -eq $Name) { $value = $parts[1] }
        }
    }
    if (-not $value.Trim()) { throw 'the variable is not there any more' }
    $value.Trim()
}

# Host and port. The account ends at the last @, whatever is in it: Go and Windows read \, / and # in there otherwise.
function Get-ProxyAddress([string] $Proxy) {
    $scheme = if ($Proxy -match '^\w+://') { $Matches[0] } else { 'http://' }
    $place = [regex]::Replace($Proxy, '^\w+://', '')
    $parts = New-Object -TypeName Uri -ArgumentList ($scheme + $place.Substring($place.LastIndexOf('@') + 1))
    if (-not $parts.Host) { throw 'the variable holds no address' }
    @{ server = $parts.Host; port = if ($parts.Port -gt 0) { $parts.Port } else { 1080 } } # of socks5, which Windows knows no port of
}

# Go repeats an address that it can't read, account and all, with \ and " doubled or escaped, and quotes a part of it as the
# reason: what stays is a reason without quotes.
function Hide-Account([string] $Message, [string] $Proxy) {
    $at = $Proxy.LastIndexOf('@')
    if ($at -gt 0) {
        $Message = [regex]::Replace($Message, '(?s)(invalid proxy address) .*?(: [^":]*)?$', '$1$2').Replace($Proxy.Substring(0, $at), '***')
    }
    Hide-LineSecret $Message
}

# Runs in a runspace of its own, so that a kubectl that hangs can be given up. No commands are there, only the language.
$asking = {
    param($Path, $Words)
    $ErrorActionPreference = 'Continue'
    $errors = @()
    foreach ($line in @(& $Path $Words 2>&1)) {
        if ($line -is [Management.Automation.ErrorRecord]) { $errors += [string]$line }
    }
    [pscustomobject]@{ code = $LASTEXITCODE; errors = $errors }
}

# Runs kubectl with the proxy in its environment. What it said last; no exit code where it was given up.
function Request-ThroughProxy([string] $Program, [string] $Proxy) {
    $words = 'get', '--raw', '/v2/', "--server=https://${Target}:$Port", '--token=none', "--request-timeout=${patienceS}s", '--cache-dir=NUL'
    $shell = [PowerShell]::Create([Management.Automation.Runspaces.InitialSessionState]::CreateDefault2())
    [void]$shell.AddScript($asking.ToString()).AddArgument($Program).AddArgument([string[]]$words)
    # For as long as kubectl runs, this PowerShell's own: nothing else is asked meanwhile.
    $before = @($env:HTTPS_PROXY, $env:NO_PROXY, $env:KUBECONFIG)
    try {
        $env:HTTPS_PROXY, $env:NO_PROXY, $env:KUBECONFIG = $Proxy, $null, 'NUL'
        $answer = $shell.BeginInvoke()
        if (-not $answer.AsyncWaitHandle.WaitOne(($patienceS + 5) * 1000)) {
            [void]$shell.BeginStop($null, $null)
            return @{ code = $null; message = '' }
        }
    } finally {
        $env:HTTPS_PROXY, $env:NO_PROXY, $env:KUBECONFIG = $before
    }
    try {
        $said = @($shell.EndInvoke($answer))[0]
        if ($null -eq $said -or $null -eq $said.code) { throw "it did not run: $(@($shell.Streams.Error)[0])" }
    } finally {
        $shell.Dispose()
    }
    # Lines like E1124 12:00:00.000000 are kubectl's own log, said again and again; what counts comes last.
    $told = @($said.errors | Where-Object { $_ -and $_.Trim() -and $_ -notmatch '^[EWIF]\d{4} ' })
    $message = if ($said.code -ne 0 -and $told.Length) { $told[$told.Length - 1].Trim() } else { '' }
    @{ code = [int]$said.code; message = $message }
}

$patienceS = 12
$rke2 = '\var\lib\rancher\rke2'
$way = @{ proxy = ''; server = ''; port = 0 }

Read-Fact -FactName address -Question {
    $way.proxy = Read-Variable
    $parts = Get-ProxyAddress $way.proxy
    $way.server = $parts.server
    $way.port = $parts.port
    '{0}:{1}' -f $way.server, $way.port
}

Read-Fact -FactName answer -Question {
    if (-not $facts.Contains('address')) { throw 'the address of the proxy is not known' }
    $places = @('\k\kubectl.exe', "$rke2\bin\kubectl.exe", '\bin\kubectl.exe', '\usr\local\bin\kubectl.exe', '\Windows\System32\kubectl.exe')
    if ($Kubectl.Length) { $places = $Kubectl }
    $program = ''
    foreach ($path in @(Get-AskedPath $places @())) { if (-not $program -and [IO.File]::Exists($path)) { $program = $path } }
    $said = [ordered]@{ program = $program; exit_code = $null; message = ''; is_open = $null }
    if ($program) {
        try {
            $told = Request-ThroughProxy $program $way.proxy
            $said.exit_code = $told.code
            $text = Hide-Account $told.message $way.proxy
            $said.message = $text.Substring(0, [Math]::Min(600, $text.Length))
        } catch {
            $said.message = $_.Exception.GetBaseException().Message
        }
    }
    if ($null -eq $said.exit_code -or $said.message -match 'Timeout|timeout|deadline exceeded') {
        $said.is_open = [bool](Test-NetConnection -ComputerName $way.server.Trim('[', ']') -Port $way.port -InformationLevel Quiet -WarningAction SilentlyContinue)
    }
    $said
}

ConvertTo-Json -Compress -Depth 20 -InputObject ([ordered]@{
        schema = 1; script = 'Get-ProxyFact'; facts = $facts; problems = [object[]]$problems.ToArray()
    })
