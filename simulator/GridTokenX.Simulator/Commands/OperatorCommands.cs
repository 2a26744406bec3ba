using System.CommandLine;
using GridTokenX.Protocol.Api;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Time;
using GridTokenX.Simulator.Cloud;

namespace GridTokenX.Simulator.Commands;

/// <summary>What an operator does once: makes a key, and lets a gateway in.</summary>
internal static class OperatorCommands
{
    public static Command KeyGeneration()
    {
        var file = new Argument<string>("file") { Description = "Key file; made with mode 600 when there is none." };
        var command = new Command("keygen", "Prints the public key of a key file.") { file };
        command.SetAction(parsed =>
        {
            using var key = SigningKey.LoadOrCreate(parsed.GetRequiredValue(file));
            parsed.InvocationConfiguration.Output.WriteLine(key.PublicKey);
            return 0;
        });
        return command;
    }

    public static Command GatewayRegistration(WallTime time)
    {
        var cloud = AddressOption.Create("--cloud", "Address of the cloud core.");
        cloud.Required = true;
        var operatorKey = new Option<string>("--operator-key")
        {
            Description = "Key file of the operator.",
            Required = true,
        };
        var gateway = new Option<string>("--key") { Description = "Public key of the gateway.", Required = true };
        var command = new Command("register-gateway", "Lets a gateway speak to the cloud core.")
        {
            cloud, operatorKey, gateway,
        };
        command.SetAction(async (parsed, cancellationToken) =>
        {
            using var transport = new SocketsHttpHandler { UseProxy = false };
            using var client = new ApiClient(parsed.GetRequiredValue(cloud)!, transport, time);
            using var key = SigningKey.Load(parsed.GetRequiredValue(operatorKey));
            var request = new RegisterGatewayRequest(Key32.Parse(parsed.GetRequiredValue(gateway)), "Gateway");
            _ = await new CloudApi(client).RegisterGatewayAsync(request, key, cancellationToken);
            return 0;
        });
        return command;
    }
}
