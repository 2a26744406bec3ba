using System.Runtime.CompilerServices;
using GridTokenX.CloudCore.Storage;

namespace GridTokenX.CloudCore.Tests.Storage;

/// <summary>
/// A machine that stands still for some seconds must not fail a test whose worker happens to hold a zone then.
/// </summary>
internal static class Unhurried
{
#pragma warning disable CA2255 // For all tests of this project, before the first.
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void Begin() => ZoneLock.Patience = TimeSpan.FromSeconds(20);
}
