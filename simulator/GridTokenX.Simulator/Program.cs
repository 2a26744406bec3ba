using System.CommandLine;
using GridTokenX.Protocol.Time;
using GridTokenX.Simulator.Commands;

var root = new RootCommand("A neighbourhood of virtual homes: real firmware on simulated boards, real wallets, real trade.")
{
    RunCommand.Create(new WallTime(TimeProvider.System)),
    OperatorCommands.KeyGeneration(),
    OperatorCommands.GatewayRegistration(new WallTime(TimeProvider.System)),
};
return await root.Parse(args).InvokeAsync(new InvocationConfiguration
{
    ProcessTerminationTimeout = TimeSpan.FromSeconds(10),
});
