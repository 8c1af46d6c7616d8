<#
.SYNOPSIS
Tells what the cluster knows of this node: its Node object, the pods on it, their events.

.DESCRIPTION
Runs the kubectl.exe that is on the node, with the node's own kubeconfig, three times at once and only to get. Each may take 25
seconds, then it is given up. Only the named fields leave the node: no environment of a pod, no annotation but flannel's, nothing
of the kubeconfig but the name in system:node:<name>. kubectl is told to keep no cache. Changes nothing.

.PARAMETER Kubectl
Where kubectl.exe is: then no known place is looked at.

.PARAMETER Kubeconfig
The kubeconfig to ask with, instead of the kubelet's own.

.PARAMETER WithoutPods
Asks for the Node object alone, one question to the cluster and not three; pods and events become problems.

.OUTPUTS
One JSON document: schema, script, facts (ClusterFacts), problems. At most 512 pods, and the 64 newest events.

.LINK
https://kubernetes.io/docs/reference/access-authn-authz/node/
#>
[CmdletBinding()]
param(
    [string[]] $Kubectl = @(),
    [string[]] $Kubeconfig = @(),
    [switch] $WithoutPods
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

# A property that may be absent: its value, or nothing. Lists come apart; the caller puts @() around.
function Get-Value($Object, [string] $Name) {
    if ($null -eq $Object) { return }
    $property = $Object.PSObject.Properties[$Name]
    if ($null -ne $property -and $null -ne $property.Value) { $property.Value }
}

# A text that may be absent: then it is empty. (A cast would make null of what a function does not answer.)
function Get-Text($Object, [string] $Name) {
    $value = Get-Value $Object $Name
    "$value"
}

# A message of another program: one that we may show, and not without end.
function Get-Message($Object) {
    $text = Hide-LineSecret (Get-Text $Object 'message')
    if ($text.Length -gt 600) { $text = $text.Substring(0, 600) }
    $text
}

# A time of Kubernetes as all our times are written; nothing where it is absent.
function Get-Time($Object, [string] $Name) {
    $value = Get-Value $Object $Name
    if ($null -eq $value) { return }
    if ($value -isnot [DateTime]) { $value = [DateTimeOffset]::Parse([string]$value, [Globalization.CultureInfo]::InvariantCulture).UtcDateTime }
    $value.ToUniversalTime().ToString('o')
}

# Members of an object as NAME=value, in the order of their names.
function Get-Pair($Object) {
    if ($null -eq $Object) { return }
    $pairs = [string[]]@(foreach ($one in $Object.PSObject.Properties) { '{0}={1}' -f $one.Name, $one.Value })
    [Array]::Sort($pairs, [StringComparer]::Ordinal)
    $pairs
}

# The value of --name=value, --name value or -name value in a command line; nothing where it is absent. The last one wins.
function Get-Flag([string] $Line, [string] $Name) {
    $words = @(foreach ($found in [regex]::Matches($Line, '(?:[^\s"]|"[^"]*")+')) { $found.Value.Replace('"', '') })
    $value = $null
    for ($at = 0; $at -lt $words.Length; $at++) {
        if ($words[$at] -cmatch "^--?$([regex]::Escape($Name))=(.*)$") { $value = $Matches[1] }
        elseif ($words[$at] -cmatch "^--?$([regex]::Escape($Name))$" -and $at + 1 -lt $words.Length -and $words[$at + 1] -notlike '-*') { $value = $words[$at + 1] }
    }
    $value
}

# The command line of the first process of a daemon, an empty text where it does not run or hides it.
function Get-Line([string] $Daemon) {
    foreach ($process in $running) {
        if ([string]$process.Name -match "^(?i:rancher-wins-)?$Daemon\.exe$") { return [string]$process.CommandLine }
    }
    ''
}

function Read-SmallText([string] $Path) {
    $file = New-Object -TypeName IO.FileInfo -ArgumentList $Path
    if ($file.Length -gt 1048576) { throw ('{0}: too big' -f $Path) }
    $stream = [IO.File]::Open($Path, 'Open', 'Read', 'ReadWrite, Delete')
    try {
        $reader = New-Object -TypeName IO.StreamReader -ArgumentList $stream
        $reader.ReadToEnd()
    } finally {
        $stream.Dispose()
    }
}

# Begins one question in a runspace of its own: all are under way at once, and one that hangs is given up alone.
function Request-Answer([string[]] $Words) {
    $shell = [PowerShell]::Create([Management.Automation.Runspaces.InitialSessionState]::CreateDefault2())
    [void]$shell.AddScript('param($program, $words) $ErrorActionPreference = ''Continue''; & $program @words 2>&1; $LASTEXITCODE')
    [void]$shell.AddArgument($facts.kubectl).AddArgument($Words)
    @{ shell = $shell; handle = $shell.BeginInvoke() }
}

# What kubectl said: its text, or why not with a code of our own.
function Receive-Answer($Asked) {
    $left = [int][Math]::Max(0, ($until - [DateTime]::UtcNow).TotalMilliseconds)
    if (-not $Asked.handle.AsyncWaitHandle.WaitOne($left)) {
        [void]$Asked.shell.BeginStop($null, $null)
        return @{ text = ''; message = 'kubectl gave no answer within 25 seconds'; code = 'timeout' }
    }
    try {
        $said = @($Asked.shell.EndInvoke($Asked.handle))
    } catch {
        return @{ text = ''; message = $_.Exception.GetBaseException().Message; code = 'not-started' }
    } finally {
        $Asked.shell.Dispose()
    }
    $ended = if ($said.Length) { $said[$said.Length - 1] } else { $null }
    $text = @(foreach ($line in $said) { if ($line -is [string]) { $line } }) -join "`n"
    $errors = @(foreach ($line in $said) { if ($line -is [Management.Automation.ErrorRecord]) { $line.Exception.Message } })
    if ($ended -is [int] -and $ended -eq 0) { return @{ text = $text; message = ''; code = '' } }
    # Lines like E1124 12:00:00.000000 are kubectl's own log, said again and again; what counts comes last.
    $told = @($errors | Where-Object { $_ -and $_ -notmatch '^[EWIF]\d{4} ' })
    if (-not $told.Length) { $told = @($errors | Where-Object { $_ }) }
    $message = if ($told.Length) { Hide-LineSecret $told[$told.Length - 1].Trim() } else { 'kubectl gave no reason' }
    $code = switch -Regex ($message) {
        '\(Forbidden\)' { 'forbidden'; break }
        '\(Unauthorized\)|must be logged in' { 'unauthorized'; break }
        '\(NotFound\)' { 'not-found'; break }
        default { 'exit-{0}' -f $ended }
    }
    @{ text = ''; message = $message; code = [string]$code }
}

# One question's answer becomes its fact, or its problem.
function Read-Answer([string] $FactName, $Asked, [scriptblock] $Pick, [switch] $List) {
    if ($null -eq $Asked) { return Add-Problem -FactName $FactName -Message 'not asked for' -Code 'not-asked' }
    $answer = Receive-Answer $Asked
    if ($answer.code) { return Add-Problem -FactName $FactName -Message $answer.message -Code $answer.code }
    Read-Fact -FactName $FactName -List:$List -Question {
        if ($answer.text.Length -gt 33554432) { throw 'kubectl answered more than 32 MiB' }
        & $Pick (ConvertFrom-Json -InputObject $answer.text)
    }
}

$rke2 = '\var\lib\rancher\rke2'
$running = @()
try {
    $running = @(Get-CimInstance -ClassName Win32_Process -Filter "Name LIKE '%kubelet.exe' OR Name LIKE '%kube-proxy.exe'" -OperationTimeoutSec 30)
} catch {
    $running = @() # its name and kubeconfig are then those of the usual places
}

Read-Fact -FactName kubectl -Question {
    $beside = @(foreach ($process in $running) { if ($process.ExecutablePath) { [IO.Path]::GetDirectoryName([string]$process.ExecutablePath) + '\kubectl.exe' } })
    $places = @('\k\kubectl.exe', "$rke2\bin\kubectl.exe", '\bin\kubectl.exe', '\usr\local\bin\kubectl.exe', '\Windows\System32\kubectl.exe') + $beside
    if ($Kubectl.Length) { $places = $Kubectl }
    foreach ($path in @(Get-AskedPath $places @())) { if ([IO.File]::Exists($path)) { return $path } }
    if ($Kubectl.Length) { throw "$($Kubectl[0]) is not there" }
    $found = @(Get-Command -Name kubectl.exe -CommandType Application -ErrorAction SilentlyContinue)
    if (-not $found.Length) { throw 'kubectl.exe is not on this node' }
    [string]$found[0].Path
}

Read-Fact -FactName kubeconfig -Question {
    $own = Get-Flag (Get-Line 'kubelet') 'kubeconfig'
    $places = @($own, '\etc\kubernetes\kubelet.conf', "$rke2\agent\kubelet.kubeconfig", '\k\config')
    if ($Kubeconfig.Length) { $places = $Kubeconfig }
    foreach ($path in @(Get-AskedPath $places @())) { if ([IO.File]::Exists($path)) { return $path } }
    if ($Kubeconfig.Length) { throw "$($Kubeconfig[0]) is not there" }
    throw 'no kubeconfig of a node is here'
}

Read-Fact -FactName kubeconfig_name -Question {
    if (-not $facts.Contains('kubeconfig')) { throw 'no kubeconfig of a node is here' }
    if ((Read-SmallText $facts.kubeconfig) -match 'system:node:([A-Za-z0-9.-]+)') { $Matches[1] } else { '' }
}

Read-Fact -FactName asked_name -Question {
    $name = Get-Flag (Get-Line 'kubelet') 'hostname-override'
    if (-not $name -and $facts.Contains('kubeconfig_name')) { $name = $facts.kubeconfig_name }
    if (-not $name) { $name = [string](Get-CimInstance -ClassName Win32_ComputerSystem -OperationTimeoutSec 30).DNSHostName }
    $name.Trim().ToLowerInvariant()
}

$missing = @(foreach ($name in 'kubectl', 'kubeconfig', 'asked_name') { foreach ($one in $problems) { if ($one.fact -eq $name) { $one.message } } })
if ($missing.Length) {
    foreach ($name in 'node', 'pods', 'events') { Add-Problem -FactName $name -Message $missing[0] -Code 'no-kubectl' }
} else {
    $common = @('-o', 'json', "--kubeconfig=$($facts.kubeconfig)", '--request-timeout=15s', '--cache-dir=NUL')
    $until = [DateTime]::UtcNow.AddSeconds(25)
    $askedNode = Request-Answer (@('get', 'node', $facts.asked_name) + $common)
    $askedPods = if (-not $WithoutPods) { Request-Answer (@('get', 'pods', '--all-namespaces', "--field-selector=spec.nodeName=$($facts.asked_name)") + $common) }
    $askedEvents = if (-not $WithoutPods) { Request-Answer (@('get', 'events', '--all-namespaces', '--field-selector=involvedObject.kind=Pod,type=Warning') + $common) }

    Read-Answer -FactName node -Asked $askedNode -Pick {
        param($node)
        $labels = Get-Value (Get-Value $node 'metadata') 'labels'
        $annotations = Get-Value (Get-Value $node 'metadata') 'annotations'
        $spec = Get-Value $node 'spec'
        $status = Get-Value $node 'status'
        $info = Get-Value $status 'nodeInfo'
        $name = Get-Text (Get-Value $node 'metadata') 'name'
        if (-not $name) { throw 'kubectl did not answer a Node' }
        $ranges = @(Get-Value $spec 'podCIDRs')
        if (-not $ranges.Length) { $ranges = @(Get-Value $spec 'podCIDR') }
        [ordered]@{
            name = $name
            os_label = Get-Text $labels 'kubernetes.io/os'
            build_label = Get-Text $labels 'node.kubernetes.io/windows-build'
            backend_type = Get-Text $annotations 'flannel.alpha.coreos.com/backend-type'
            public_ip = Get-Text $annotations 'flannel.alpha.coreos.com/public-ip'
            public_ip_overwrite = Get-Text $annotations 'flannel.alpha.coreos.com/public-ip-overwrite'
            pod_cidrs = [string[]]@($ranges | Where-Object { $_ })
            taints = [string[]]@(foreach ($one in @(Get-Value $spec 'taints')) { '{0}={1}:{2}' -f (Get-Text $one 'key'), (Get-Text $one 'value'), (Get-Text $one 'effect') })
            addresses = [object[]]@(foreach ($one in @(Get-Value $status 'addresses')) { [ordered]@{ type = Get-Text $one 'type'; address = Get-Text $one 'address' } })
            conditions = [object[]]@(foreach ($one in @(Get-Value $status 'conditions')) {
                    [ordered]@{
                        type = Get-Text $one 'type'; status = Get-Text $one 'status'; reason = Get-Text $one 'reason'
                        message = Get-Message $one; changed = Get-Time $one 'lastTransitionTime'
                    }
                })
            os_image = Get-Text $info 'osImage'
            kernel_version = Get-Text $info 'kernelVersion'
            runtime_version = Get-Text $info 'containerRuntimeVersion'
            kubelet_version = Get-Text $info 'kubeletVersion'
            proxy_version = Get-Text $info 'kubeProxyVersion'
        }
    }

    $onNode = @{}
    Read-Answer -List -FactName pods -Asked $askedPods -Pick {
        param($list)
        foreach ($pod in @(@(Get-Value $list 'items') | Select-Object -First 512)) {
            $spec = Get-Value $pod 'spec'
            $status = Get-Value $pod 'status'
            $namespace = Get-Text (Get-Value $pod 'metadata') 'namespace'
            $name = Get-Text (Get-Value $pod 'metadata') 'name'
            $onNode["$namespace/$name"] = $true
            $systems = @()
            $affinity = Get-Value (Get-Value (Get-Value $spec 'affinity') 'nodeAffinity') 'requiredDuringSchedulingIgnoredDuringExecution'
            foreach ($term in @(Get-Value $affinity 'nodeSelectorTerms')) {
                foreach ($rule in @(Get-Value $term 'matchExpressions')) {
                    if ((Get-Text $rule 'key') -match '^(beta\.)?kubernetes\.io/os$' -and (Get-Text $rule 'operator') -eq 'In') { $systems += @(Get-Value $rule 'values') }
                }
            }
            $states = @(Get-Value $status 'initContainerStatuses') + @(Get-Value $status 'containerStatuses')
            [ordered]@{
                namespace = $namespace
                name = $name
                owner = (@(Get-Value (Get-Value $pod 'metadata') 'ownerReferences') | ForEach-Object { '{0}/{1}' -f (Get-Text $_ 'kind'), (Get-Text $_ 'name') } | Select-Object -First 1) + ''
                phase = Get-Text $status 'phase'
                pod_ip = Get-Text $status 'podIP'
                host_network = [bool](Get-Value $spec 'hostNetwork')
                os = Get-Text (Get-Value $spec 'os') 'name'
                node_selector = [string[]]@(Get-Pair (Get-Value $spec 'nodeSelector'))
                affinity_systems = [string[]]$systems
                containers = [object[]]@(foreach ($one in $states) {
                        $waiting = Get-Value (Get-Value $one 'state') 'waiting'
                        [ordered]@{
                            name = Get-Text $one 'name'
                            image = Get-Text $one 'image'
                            ready = [bool](Get-Value $one 'ready')
                            restarts = [long]"0$(Get-Text $one 'restartCount')"
                            waiting_reason = Get-Text $waiting 'reason'
                            waiting_message = Get-Message $waiting
                        }
                    })
            }
        }
    }

    Read-Answer -List -FactName events -Asked $askedEvents -Pick {
        param($list)
        $kept = @{}
        $number = 0
        foreach ($event in @(Get-Value $list 'items')) {
            $number++
            $object = Get-Value $event 'involvedObject'
            $namespace = Get-Text $object 'namespace'
            $pod = Get-Text $object 'name'
            $hosts = @((Get-Text (Get-Value $event 'source') 'host'), (Get-Text $event 'reportingInstance'))
            if ((Get-Text $object 'kind') -ne 'Pod' -or -not ($hosts -contains $facts.asked_name -or $onNode.ContainsKey("$namespace/$pod"))) { continue }
            $seen = Get-Time $event 'lastTimestamp'
            if (-not $seen) { $seen = Get-Time (Get-Value $event 'series') 'lastObservedTime' }
            if (-not $seen) { $seen = Get-Time $event 'eventTime' }
            $count = Get-Value $event 'count'
            if (-not $count) { $count = Get-Value (Get-Value $event 'series') 'count' }
            if (-not $count) { $count = 1 }
            $kept[('{0} {1:d8}' -f $seen, $number)] = [ordered]@{
                namespace = $namespace
                pod = $pod
                reason = Get-Text $event 'reason'
                message = Get-Message $event
                count = [long]$count
                last_seen = $seen
            }
        }
        $order = [string[]]@($kept.Keys)
        [Array]::Sort($order, [StringComparer]::Ordinal)
        foreach ($key in @($order | Select-Object -Last 64)) { $kept[$key] }
    }
}

ConvertTo-Json -Compress -Depth 20 -InputObject ([ordered]@{
        schema = 1; script = 'Get-ClusterFact'; facts = $facts; problems = [object[]]$problems.ToArray()
    })
