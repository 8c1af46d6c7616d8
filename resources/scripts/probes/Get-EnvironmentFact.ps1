<#
.SYNOPSIS
Tells the machine's environment variables that matter to Kubernetes: proxies, NODE_NAME, KUBE_NETWORK.

.DESCRIPTION
Reads HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Environment as it stands in the registry, unexpanded, and when that
key was last written. Changes nothing. A password in a URL is replaced by *** before anything is written.

.OUTPUTS
One JSON document: schema, script, facts (EnvironmentFacts), problems.

.LINK
https://learn.microsoft.com/windows/win32/api/winreg/nf-winreg-regqueryinfokeyw
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

$key = $null
$keyError = $null
try {
    $local = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64')
    $key = $local.OpenSubKey('SYSTEM\CurrentControlSet\Control\Session Manager\Environment')
    if ($null -eq $key) { throw 'the registry key Session Manager\Environment is not there' }
} catch {
    $keyError = $_
}

Read-Fact -List -FactName machine -Question {
    if ($keyError) { throw $keyError }
    $names = $key.GetValueNames()
    [Array]::Sort($names, [StringComparer]::Ordinal)
    foreach ($name in $names) {
        if ($name -notmatch '^(?:(?:HTTP|HTTPS|NO|ALL)_PROXY|NODE_NAME|KUBE_NETWORK|CONTA[Ii]NERD_\w*PROXY)$') { continue }
        $value = [string]$key.GetValue($name, '', 'DoNotExpandEnvironmentNames')
        # user:password@ stands before the host, with a scheme or without one; the password may hold / and @ itself.
        $secret = '(?s)^((?:[^/:]+://|(?![^/:]+://))[^:]*:).+@'
        $hasPassword = [regex]::IsMatch($value, $secret)
        [ordered]@{ name = $name; value = [regex]::Replace($value, $secret, '$1***@'); has_password = $hasPassword }
    }
}

Read-Fact -FactName machine_changed -Question {
    if ($keyError) { throw $keyError }
    # .NET does not tell when a key was written. The call is declared in memory: nothing is compiled to disk.
    $type = $null
    foreach ($assembly in [AppDomain]::CurrentDomain.GetAssemblies()) {
        if ($assembly.GetName().Name -eq 'NodepaneRegistry') { $type = $assembly.GetType('NodepaneRegistry.Key') }
    }
    if ($null -eq $type) {
        $assemblyName = New-Object -TypeName Reflection.AssemblyName -ArgumentList 'NodepaneRegistry'
        $builder = [Reflection.Emit.AssemblyBuilder]::DefineDynamicAssembly($assemblyName, [Reflection.Emit.AssemblyBuilderAccess]::Run)
        $typeBuilder = $builder.DefineDynamicModule('NodepaneRegistry').DefineType('NodepaneRegistry.Key', 'Public, Class')
        $types = [Type[]]@(@([IntPtr]) * 11 + @([long].MakeByRefType()))
        $method = $typeBuilder.DefinePInvokeMethod('RegQueryInfoKeyW', 'advapi32.dll', 'Public, Static, PinvokeImpl', 'Standard', [int], $types, 'Winapi', 'Unicode')
        $method.SetImplementationFlags('PreserveSig')
        $type = $typeBuilder.CreateType()
    }
    $zero = [IntPtr]::Zero
    $arguments = [object[]]@($key.Handle.DangerousGetHandle(), $zero, $zero, $zero, $zero, $zero, $zero, $zero, $zero, $zero, $zero, [long]0)
    $result = $type.GetMethod('RegQueryInfoKeyW').Invoke($null, $arguments)
    if ($result -ne 0) { throw (New-Object -TypeName ComponentModel.Win32Exception -ArgumentList $result) }
    [DateTime]::FromFileTimeUtc($arguments[11]).ToString('o')
}

ConvertTo-Json -Compress -Depth 20 -InputObject ([ordered]@{
        schema = 1; script = 'Get-EnvironmentFact'; facts = $facts; problems = [object[]]$problems.ToArray()
    })
