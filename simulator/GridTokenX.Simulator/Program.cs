using System.CommandLine;
using System.CommandLine.Invocation;
using GridTokenX.Protocol.Time;
using GridTokenX.Simulator.Commands;
using GridTokenX.Simulator.Simulate;

#pragma warning disable RS0030 // Here, and only here, the real clock is handed out.
var time = new WallTime(TimeProvider.System);
#pragma warning restore RS0030
var root = new RootCommand("A neighbourhood of virtual homes: real firmware on simulated boards, real wallets.")
{
    RunCommand.Create(time),
    SimulateCommand.Create(time, Environment.GetEnvironmentVariable(LiveBrokerOptions.PasswordVariable)),
    OperatorCommands.KeyGeneration(),
    OperatorCommands.GatewayRegistration(time),
};
var parsed = root.Parse(args);
if (parsed.Action is ParseErrorAction error)
{
    error.ShowHelp = false;
}

return await parsed.InvokeAsync(new InvocationConfiguration
{
    ProcessTerminationTimeout = TimeSpan.FromSeconds(20),
});
