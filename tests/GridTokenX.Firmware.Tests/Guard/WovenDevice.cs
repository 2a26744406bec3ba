using System.Reflection;
using System.Text;

namespace GridTokenX.Firmware.Tests.Guard;

/// <summary>A device of the woven assembly, on ports that are stood in for at run time.</summary>
public sealed class WovenDevice
{
    private readonly Dictionary<string, byte[]> _files = new(StringComparer.Ordinal);
    private readonly object _device;
    private readonly Type _type;

    internal WovenDevice(Assembly assembly)
    {
        _type = assembly.GetType("GridTokenX.Firmware.Device", throwOnError: true)!;
        var configType = assembly.GetType("GridTokenX.Firmware.DeviceConfig", throwOnError: true)!;
        _device = Activator.CreateInstance(
            _type,
            Activator.CreateInstance(configType)!,
            Activator.CreateInstance(
                assembly.GetType("GridTokenX.Firmware.Signing.DeviceKey", throwOnError: true)!, Rig.Seed),
            Ports(assembly))!;
        Id = (string)_type.GetProperty("Id")!.GetValue(_device)!;
    }

    internal string Id { get; }

    internal long Pulses { get; set; }

    internal int Published { get; private set; }

    internal int Unacknowledged => (int)_type.GetProperty("UnacknowledgedReadings")!.GetValue(_device)!;

    internal void Connect() => Run("OnConnected");

    internal void Step(DateTimeOffset now, long uptimeMs) => Run("Step", now.UtcDateTime, true, uptimeMs);

    internal void Acknowledge(long sequence) =>
        Run("OnMessage", $"gtx/v1/{Id}/reading/ack", Encoding.ASCII.GetBytes($$"""{"sequence":{{sequence}}}"""));

    private void Run(string method, params object[] arguments) => _type.GetMethod(method)!.Invoke(_device, arguments);

    private object Ports(Assembly assembly)
    {
        var type = assembly.GetType("GridTokenX.Firmware.DevicePorts", throwOnError: true)!;
        var ports = Activator.CreateInstance(type)!;
        void Set(string port, Func<Call, object?> answer) =>
            type.GetProperty(port[1..].Replace("Meter", ""))!.SetValue(ports, Stand(assembly, port, answer));
        Set("IMeterInput", call => call.Name switch
        {
            "get_ProductionPulses" or "get_ConsumptionPulses" => Pulses,
            "get_Tamper" => (object)false,
            _ => 500,
        });
        Set("IFlash", Flash);
        Set("IRelay", _ => null);
        Set("IUplink", call =>
        {
            Published += call.Name is "Publish" ? 1 : 0;
            return true;
        });
        return ports;
    }

    private static object Stand(Assembly assembly, string port, Func<Call, object?> answer)
    {
        var stand = DispatchProxy.Create(
            assembly.GetType("GridTokenX.Firmware." + port, throwOnError: true)!, typeof(StandIn));
        ((StandIn)stand).Answer = answer;
        return stand;
    }

    private object? Flash(Call call)
    {
        var name = (string)call.Arguments[0]!;
        switch (call.Name)
        {
            case "Write":
                _files[name] = ((byte[])call.Arguments[1]!)[..(int)call.Arguments[2]!];
                return null;
            case "Delete":
                _files.Remove(name);
                return null;
            default:
                if (!_files.TryGetValue(name, out var bytes))
                {
                    return -1;
                }

                bytes.CopyTo((byte[])call.Arguments[1]!, 0);
                return bytes.Length;
        }
    }

    public sealed record Call(string Name, object?[] Arguments);

    public class StandIn : DispatchProxy
    {
        public Func<Call, object?> Answer { get; set; } = _ => null;

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            Answer(new(targetMethod!.Name, args ?? []));
    }
}
