<#
.SYNOPSIS
Tells the networks, endpoints and load balancers of the Host Network Service, schema 1 and 2 in one shape.

.DESCRIPTION
Asks the inbox cmdlets; where they are missing, a module that cluster scripts leave on the node, then vmcompute.dll itself (the
call that those modules make, declared in memory), then hnsdiag.exe. Changes nothing, and does not ask while the service is stopped: asking could start it. Needs an administrator.

.OUTPUTS
One JSON document: schema, script, facts (HnsFacts), problems. At most 2,048 endpoints, those of this node first, and at
most 2,048 load balancers, those of DNS (port 53) first, then those without a VIP, which are NodePorts.

.LINK
https://learn.microsoft.com/virtualization/windowscontainers/container-networking/architecture
#>
[CmdletBinding()]
param()
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

function Get-Policy($Object) {
    foreach ($policy in @(Get-Value $Object 'Policies')) {
        # Some builds answer policies as JSON in a text.
        if ($policy -is [string]) { ConvertFrom-Json -InputObject $policy } else { $policy }
    }
}

# Where schema 2 keeps a policy's values, and schema 1's own.
function Get-Setting($Policy, [string] $Name) {
    $values = @(Get-Value (Get-Value $Policy 'Settings') $Name)
    if (-not $values.Length) { $values = @(Get-Value $Policy $Name) }
    $values
}

# hnsdiag writes one JSON object after another, or a list of them.
function Read-HnsDiag([string] $Kind) {
    $global:LASTEXITCODE = 0
    $text = (@(& hnsdiag.exe list $Kind -d) -join "`n")
    if ($LASTEXITCODE -ne 0) { throw "hnsdiag list $Kind ended with exit code $LASTEXITCODE" }
    $objects = [regex]::Matches($text, '\{(?>[^{}"]+|"(?:\\.|[^"\\])*"|(?<open>\{)|(?<-open>\}))*(?(open)(?!))\}')
    if (-not $objects.Count -and $text.Trim() -ne '' -and $text.Trim() -notmatch '^\[\s*\]$') { throw "hnsdiag list $Kind did not answer JSON" }
    foreach ($object in $objects) {
        $value = ConvertFrom-Json -InputObject $object.Value
        if (Get-Value $value 'Success') { Get-Value $value 'Output' } else { $value }
    }
}

$library = "$env:SystemRoot\System32\vmcompute.dll"

# HNSCall of vmcompute.dll, which cmdlets and modules make too. Nothing is compiled to disk.
function Get-HnsCall {
    $type = $null
    foreach ($assembly in [AppDomain]::CurrentDomain.GetAssemblies()) {
        if ($assembly.GetName().Name -eq 'NodepaneHns') { $type = $assembly.GetType('NodepaneHns.Native') }
    }
    if ($null -eq $type) {
        $assemblyName = New-Object -TypeName Reflection.AssemblyName -ArgumentList 'NodepaneHns'
        $builder = [Reflection.Emit.AssemblyBuilder]::DefineDynamicAssembly($assemblyName, [Reflection.Emit.AssemblyBuilderAccess]::Run)
        $typeBuilder = $builder.DefineDynamicModule('NodepaneHns').DefineType('NodepaneHns.Native', 'Public, Class')
        $types = [Type[]]@([string], [string], [string], [IntPtr].MakeByRefType())
        $method = $typeBuilder.DefinePInvokeMethod('HNSCall', $library, 'Public, Static, PinvokeImpl', 'Standard', [int], $types, 'Winapi', 'Unicode')
        $method.SetImplementationFlags('PreserveSig')
        $type = $typeBuilder.CreateType()
    }
    $type.GetMethod('HNSCall')
}

# What vmcompute.dll answers: an envelope of Success, Error and Output.
function Read-HnsCall([string] $Path) {
    $arguments = [object[]]@('GET', $Path, '', [IntPtr]::Zero)
    $result = (Get-HnsCall).Invoke($null, $arguments)
    $text = [Runtime.InteropServices.Marshal]::PtrToStringUni($arguments[3])
    [Runtime.InteropServices.Marshal]::FreeCoTaskMem($arguments[3])
    if (-not $text) { throw (New-Object -TypeName ComponentModel.Win32Exception -ArgumentList $result) }
    $answer = ConvertFrom-Json -InputObject $text
    if (-not (Get-Value $answer 'Success')) { throw "HNSCall $Path $(Get-Text $answer 'ErrorCode'): $(Get-Text $answer 'Error')" }
    Get-Value $answer 'Output'
}

function Read-Hns([string] $Kind) {
    switch ("$source $Kind") {
        'cmdlets networks' { Get-HnsNetwork }
        'cmdlets endpoints' { Get-HnsEndpoint }
        'cmdlets loadbalancers' { Get-HnsPolicyList }
        'vmcompute networks' { Read-HnsCall '/networks' }
        'vmcompute endpoints' { Read-HnsCall '/endpoints' }
        'vmcompute loadbalancers' { Read-HnsCall '/policylists' }
        default { Read-HnsDiag $Kind }
    }
}

# Whether the library is there and answers; asking for its version tells.
function Test-HnsCall {
    if (-not [IO.File]::Exists($library)) { return $false }
    try {
        [void](Read-HnsCall '/globals/version')
        $true
    } catch {
        $false
    }
}

# 'cmdlets', 'vmcompute' or 'hnsdiag', or why there is none.
$source = ''
$trouble = 'no HNS cmdlets, no module, no vmcompute.dll and no hnsdiag.exe on this node'
$troubleCode = ''
try {
    $service = @(Get-Service -Name hns -ErrorAction SilentlyContinue)
    if (-not $service.Length) {
        $trouble = 'the Host Network Service is not installed'
        $troubleCode = '0x80070424'
    } elseif ([string]$service[0].Status -ne 'Running') {
        $trouble = 'the Host Network Service is not running'
        $troubleCode = '0x80070426'
    } else {
        if (-not (Get-Command -Name Get-HnsNetwork -ErrorAction SilentlyContinue)) {
            foreach ($path in '\k\hns.v2.psm1', '\k\debug\hns.v2.psm1', '\hpc\flannel\hns.psm1', '\var\lib\rancher\rke2\bin\hns.psm1', '\k\hns.psm1') {
                $file = $env:SystemDrive + $path
                if (-not [IO.File]::Exists($file)) { continue }
                try {
                    Import-Module -Name $file -DisableNameChecking -ErrorAction Stop -WarningAction SilentlyContinue 6> $null
                } catch {
                    continue
                }
                if (Get-Command -Name Get-HnsNetwork -ErrorAction SilentlyContinue) { break }
            }
        }
        if (Get-Command -Name Get-HnsNetwork -ErrorAction SilentlyContinue) {
            $source = 'cmdlets'
        } elseif (Test-HnsCall) {
            $source = 'vmcompute'
        } elseif (Get-Command -Name hnsdiag.exe -ErrorAction SilentlyContinue) {
            $source = 'hnsdiag'
        }
    }
} catch {
    $trouble = $_.Exception.GetBaseException().Message
    $troubleCode = '0x{0:x8}' -f $_.Exception.GetBaseException().HResult
}

if (-not $source) {
    foreach ($name in 'networks', 'endpoint_count', 'endpoints', 'load_balancers', 'load_balancer_count', 'load_balancer_vips') {
        Add-Problem -FactName $name -Message $trouble -Code $troubleCode
    }
} else {
    $networkNames = @{}

    Read-Fact -List -FactName networks -Question {
        foreach ($network in @(Read-Hns 'networks')) {
            $subnets = @(Get-Value $network 'Subnets')
            foreach ($pool in @(Get-Value $network 'Ipams')) { $subnets += @(Get-Value $pool 'Subnets') }
            $prefixes = @()
            $gateways = @()
            foreach ($subnet in $subnets) {
                $prefixes += @(Get-Value $subnet 'AddressPrefix') + @(Get-Value $subnet 'IpAddressPrefix')
                $gateways += @(Get-Value $subnet 'GatewayAddress')
                foreach ($route in @(Get-Value $subnet 'Routes')) {
                    if (@('0.0.0.0/0', '::/0') -contains (Get-Text $route 'DestinationPrefix')) { $gateways += @(Get-Value $route 'NextHop') }
                }
            }
            $management = Get-Value $network 'ManagementIP'
            $adapter = Get-Value $network 'NetworkAdapterName'
            $remotes = @()
            foreach ($policy in @(Get-Policy $network)) {
                switch (Get-Text $policy 'Type') {
                    'RemoteSubnetRoute' {
                        $remotes += [ordered]@{
                            prefix = "$(Get-Setting $policy 'DestinationPrefix')"
                            provider_address = "$(Get-Setting $policy 'ProviderAddress')"
                        }
                    }
                    'ProviderAddress' { if (-not $management) { $management = Get-Setting $policy 'ProviderAddress' } }
                    'NetAdapterName' { if (-not $adapter) { $adapter = Get-Setting $policy 'NetworkAdapterName' } }
                }
            }
            $id = Get-Text $network 'ID'
            $health = Get-Value (Get-Value $network 'Health') 'LastErrorCode'
            $networkNames[$id] = Get-Text $network 'Name'
            [ordered]@{
                id = $id
                name = Get-Text $network 'Name'
                type = Get-Text $network 'Type'
                management_ip = $(if ($management) { [string]$management })
                subnets = [string[]]@($prefixes | Where-Object { $_ })
                gateways = [string[]]@($gateways | Where-Object { $_ })
                adapter_name = $(if ($adapter) { [string]$adapter })
                health_error = $(if ($null -ne $health) { [long]$health })
                remote_subnets = [object[]]$remotes
            }
        }
    }

    $endpoints = $null
    $endpointError = $null
    try {
        $endpoints = @(Read-Hns 'endpoints')
    } catch {
        $endpointError = $_
    }

    Read-Fact -FactName endpoint_count -Question {
        if ($endpointError) { throw $endpointError }
        $endpoints.Length
    }

    Read-Fact -List -FactName endpoints -Question {
        if ($endpointError) { throw $endpointError }
        $own = New-Object -TypeName System.Collections.ArrayList
        $remote = New-Object -TypeName System.Collections.ArrayList
        foreach ($endpoint in $endpoints) {
            $flags = Get-Value $endpoint 'Flags'
            # Schema 2 has a flag: 1 is a remote endpoint.
            $isRemote = [bool](Get-Value $endpoint 'IsRemoteEndpoint') -or
                ($null -ne (Get-Value $endpoint 'HostComputeNetwork') -and $null -ne $flags -and ([long]$flags -band 1) -eq 1)
            if ($isRemote) { [void]$remote.Add($endpoint) } else { [void]$own.Add($endpoint) }
        }
        $shown = 0
        foreach ($endpoint in @($own.ToArray()) + @($remote.ToArray())) {
            $shown++
            if ($shown -gt 2048) { break }
            [string[]]$exceptions = $null
            foreach ($policy in @(Get-Policy $endpoint)) {
                if ((Get-Text $policy 'Type') -ne 'OutBoundNAT') { continue }
                $told = @($exceptions) + @(Get-Setting $policy 'ExceptionList') + @(Get-Setting $policy 'Exceptions')
                $exceptions = @($told | Where-Object { $_ })
            }
            $address = Get-Value $endpoint 'IPAddress'
            foreach ($configuration in @(Get-Value $endpoint 'IpConfigurations')) {
                if (-not $address) { $address = Get-Value $configuration 'IpAddress' }
            }
            $gateway = Get-Value $endpoint 'GatewayAddress'
            foreach ($route in @(Get-Value $endpoint 'Routes')) {
                if (-not $gateway -and @('0.0.0.0/0', '::/0') -contains (Get-Text $route 'DestinationPrefix')) { $gateway = Get-Value $route 'NextHop' }
            }
            # Schema 1 has a text with commas, schema 2 a list.
            $servers = @((Get-Text $endpoint 'DNSServerList').Split(',')) + @(Get-Value (Get-Value $endpoint 'Dns') 'ServerList')
            $networkId = Get-Text $endpoint 'VirtualNetwork'
            if (-not $networkId) { $networkId = Get-Text $endpoint 'HostComputeNetwork' }
            $networkName = Get-Text $endpoint 'VirtualNetworkName'
            if (-not $networkName -and $networkNames.ContainsKey($networkId)) { $networkName = $networkNames[$networkId] }
            $state = Get-Value $endpoint 'State'
            [ordered]@{
                id = Get-Text $endpoint 'ID'
                name = Get-Text $endpoint 'Name'
                network_id = $networkId
                network_name = $networkName
                ip_address = $(if ($address) { [string]$address })
                gateway = $(if ($gateway) { [string]$gateway })
                dns_servers = [string[]]@(foreach ($server in $servers) { if ("$server".Trim()) { "$server".Trim() } })
                is_remote = $shown -gt $own.Count
                state = $(if ($null -ne $state) { [long]$state })
                nat_exceptions = $exceptions
            }
        }
    }

    $lists = $null
    $listError = $null
    try {
        $lists = @(Read-Hns 'loadbalancers')
    } catch {
        $listError = $_
    }

    # One of each port: schema 1 has a policy ELB for it, schema 2 a port mapping.
    Read-Fact -List -FactName load_balancers -Question {
        if ($listError) { throw $listError }
        $dns = New-Object -TypeName System.Collections.ArrayList
        $nodePorts = New-Object -TypeName System.Collections.ArrayList
        $others = New-Object -TypeName System.Collections.ArrayList
        foreach ($list in $lists) {
            $ports = @(foreach ($policy in @(Get-Policy $list)) { if ($null -ne (Get-Value $policy 'VIPs') -or (Get-Text $policy 'Type') -eq 'ELB') { $policy } })
            $ports += @(Get-Value $list 'PortMappings')
            foreach ($port in $ports) {
                $flags = Get-Value $list 'Flags'
                $portFlags = Get-Value $port 'Flags'
                if (@(Get-Value $list 'PortMappings').Length) {
                    # Flags of schema 2: 1 of the list is direct server return, 2 of a port is a VIP for the node itself.
                    $isDsr = ([long]$flags -band 1) -eq 1
                    $isLocal = ([long]$portFlags -band 2) -eq 2
                    $vips = @(Get-Value $list 'FrontendVIPs')
                    $source = Get-Text $list 'SourceVIP'
                } else {
                    $isDsr = [bool](Get-Value $port 'IsDSR')
                    $isLocal = [bool](Get-Value $port 'LocalRoutedVIP')
                    $vips = @(Get-Value $port 'VIPs')
                    $source = Get-Text $port 'SourceVIP'
                }
                $protocol = Get-Value $port 'Protocol'
                $external = Get-Value $port 'ExternalPort'
                $internal = Get-Value $port 'InternalPort'
                $state = Get-Value $list 'State'
                $balancer = [ordered]@{
                    id = Get-Text $list 'ID'
                    vips = [string[]]@(foreach ($vip in $vips) { if ($vip) { [string]$vip } })
                    protocol = $(if ($null -ne $protocol) { [long]$protocol })
                    port = $(if ($null -ne $external) { [long]$external })
                    internal_port = $(if ($null -ne $internal) { [long]$internal })
                    state = $(if ($null -ne $state) { [long]$state })
                    is_dsr = $isDsr
                    is_local_routed = $isLocal
                    source_vip = $(if ($source) { $source })
                    endpoint_count = @(@(Get-Value $list 'References') + @(Get-Value $list 'HostComputeEndpoints') | Where-Object { $_ }).Length
                }
                if ("$external" -eq '53') {
                    [void]$dns.Add($balancer)
                } elseif ($balancer.vips.Length) {
                    [void]$others.Add($balancer)
                } else {
                    [void]$nodePorts.Add($balancer)
                }
            }
        }
        @(@($dns.ToArray()) + @($nodePorts.ToArray()) + @($others.ToArray()) | Select-Object -First 2048)
    }

    Read-Fact -FactName load_balancer_count -Question {
        if ($listError) { throw $listError }
        $lists.Length
    }

    Read-Fact -List -FactName load_balancer_vips -Question {
        if ($listError) { throw $listError }
        $vips = @{}
        foreach ($list in $lists) {
            $found = @(Get-Value $list 'FrontendVIPs') + @(Get-Value $list 'VIPs')
            foreach ($policy in @(Get-Policy $list)) { $found += @(Get-Value $policy 'VIPs') }
            foreach ($vip in $found) { if ($vip) { $vips[[string]$vip] = $true } }
        }
        $sorted = [string[]]@($vips.Keys)
        [Array]::Sort($sorted, [StringComparer]::Ordinal)
        $sorted
    }
}

ConvertTo-Json -Compress -Depth 20 -InputObject ([ordered]@{
        schema = 1; script = 'Get-HnsFact'; facts = $facts; problems = [object[]]$problems.ToArray()
    })
