using System.CommandLine;
using GridTokenX.Protocol.Time;
using GridTokenX.Simulator.Commands;

#pragma warning disable RS0030 // Here, and only here, the real clock is handed out.
var time = new WallTime(TimeProvider.System);
#pragma warning restore RS0030
var root = new RootCommand("A neighbourhood of virtual homes: real firmware on simulated boards, real wallets.")
{
    RunCommand.Create(time),
    OperatorCommands.KeyGeneration(),
    OperatorCommands.GatewayRegistration(time),
};
return await root.Parse(args).InvokeAsync(new InvocationConfiguration
{
    ProcessTerminationTimeout = TimeSpan.FromSeconds(10),
});
